BEGIN TRANSACTION;
CREATE TABLE anomalies (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	refers_to TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	recorded_at TEXT NOT NULL, 
	PRIMARY KEY (order_id, revision)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "anomalies" VALUES('o-1',6,'over-refunded','p-0','','2026-01-02T03:04:05.000006Z');
INSERT INTO "anomalies" VALUES('o-1',20,'over-refunded','p-1','','2026-01-02T03:04:05.000006Z');
INSERT INTO "anomalies" VALUES('o-1',33,'over-refunded','p-2','','2026-01-02T03:04:05.000006Z');
INSERT INTO "anomalies" VALUES('o-1',44,'over-refunded','p-3','','2026-01-02T03:04:05.000006Z');
INSERT INTO "anomalies" VALUES('o-1',54,'over-refunded','p-4','','2026-01-02T03:04:05.000006Z');
INSERT INTO "anomalies" VALUES('o-1',68,'over-refunded','p-5','','2026-01-02T03:04:05.000006Z');
INSERT INTO "anomalies" VALUES('o-2',6,'over-refunded','p-0','','2026-01-02T03:04:05.000006Z');
CREATE TABLE balances (
	order_id TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	cancelled INTEGER NOT NULL, 
	payment TEXT NOT NULL, 
	total_cents INTEGER NOT NULL CHECK (total_cents >= 0), 
	due0_cents INTEGER NOT NULL CHECK (due0_cents >= 0), 
	due_cents INTEGER NOT NULL CHECK (due_cents >= 0), 
	authorized_cents INTEGER NOT NULL CHECK (authorized_cents >= 0), 
	captured_cents INTEGER NOT NULL CHECK (captured_cents >= 0), 
	refunded_cents INTEGER NOT NULL CHECK (refunded_cents >= 0), 
	charged_back_cents INTEGER NOT NULL CHECK (charged_back_cents >= 0), 
	net_cents INTEGER NOT NULL, 
	balance_cents INTEGER NOT NULL, 
	open_refunds_cents INTEGER NOT NULL CHECK (open_refunds_cents >= 0), 
	payment_count INTEGER NOT NULL CHECK (payment_count >= 0), 
	capture_count INTEGER NOT NULL CHECK (capture_count >= 0), 
	anomaly_count INTEGER NOT NULL CHECK (anomaly_count >= 0), 
	PRIMARY KEY (order_id)
)
 STRICT

;
INSERT INTO "balances" VALUES('o-1','EUR',0,'partly_captured',85400,85400,85280,5400,3600,150,45,3405,81875,150,6,4,6);
INSERT INTO "balances" VALUES('o-2','EUR',0,'refunded',85400,85400,85380,900,0,50,0,-50,85430,0,1,0,1);
CREATE TABLE checkpoint (
	source TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (source)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "checkpoint" VALUES('log',270);
CREATE TABLE discards (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	who TEXT NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (order_id, revision)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE generation (model TEXT NOT NULL) STRICT;
INSERT INTO "generation" VALUES('payment');
CREATE TABLE hinted (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (order_id)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE last_read (
	source TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	stream TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	PRIMARY KEY (source)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "last_read" VALUES('log',270,'order-o-2',13,'d44e8a06ba3dc54899bb979116f591996ca38d0d06a3985afd55036f10fc07f3');
CREATE TABLE parked (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	error TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE payments (
	order_id TEXT NOT NULL, 
	payment_id TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	method TEXT NOT NULL, 
	state TEXT NOT NULL, 
	authorized_cents INTEGER NOT NULL CHECK (authorized_cents >= 0), 
	captured_cents INTEGER NOT NULL CHECK (captured_cents >= 0), 
	voided_cents INTEGER NOT NULL CHECK (voided_cents >= 0), 
	refunded_cents INTEGER NOT NULL CHECK (refunded_cents >= 0), 
	charged_back_cents INTEGER NOT NULL CHECK (charged_back_cents >= 0), 
	net_cents INTEGER NOT NULL, 
	expired INTEGER NOT NULL, 
	failed INTEGER NOT NULL, 
	reported_at TEXT NOT NULL, 
	PRIMARY KEY (order_id, payment_id)
)
 STRICT

;
INSERT INTO "payments" VALUES('o-1','p-0','EUR','card','authorized',900,0,0,50,0,-50,0,0,'2026-01-02T03:04:05.000006Z');
INSERT INTO "payments" VALUES('o-1','p-1','EUR','card','partly_returned',900,900,0,0,9,891,0,0,'2026-01-02T03:04:05.000006Z');
INSERT INTO "payments" VALUES('o-1','p-2','EUR','card','partly_returned',900,900,0,50,9,841,0,0,'2026-01-02T03:04:05.000006Z');
INSERT INTO "payments" VALUES('o-1','p-3','EUR','card','authorized',900,0,0,0,9,-9,0,0,'2026-01-02T03:04:05.000006Z');
INSERT INTO "payments" VALUES('o-1','p-4','EUR','card','partly_returned',900,900,0,50,9,841,0,0,'2026-01-02T03:04:05.000006Z');
INSERT INTO "payments" VALUES('o-1','p-5','EUR','card','partly_returned',900,900,0,0,9,891,0,0,'2026-01-02T03:04:05.000006Z');
INSERT INTO "payments" VALUES('o-2','p-0','EUR','card','authorized',900,0,0,50,0,-50,0,0,'2026-01-02T03:04:05.000006Z');
CREATE TABLE postings (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	account TEXT NOT NULL, 
	amount_cents INTEGER NOT NULL, 
	currency TEXT NOT NULL, 
	PRIMARY KEY (order_id, revision, n)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "postings" VALUES('o-1',0,0,'receivable',85400,'EUR');
INSERT INTO "postings" VALUES('o-1',0,1,'sales',-85000,'EUR');
INSERT INTO "postings" VALUES('o-1',0,2,'shipping',-300,'EUR');
INSERT INTO "postings" VALUES('o-1',0,3,'tax',-200,'EUR');
INSERT INTO "postings" VALUES('o-1',0,4,'discount',100,'EUR');
INSERT INTO "postings" VALUES('o-1',3,0,'receivable',30,'EUR');
INSERT INTO "postings" VALUES('o-1',3,1,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',3,2,'sales',20,'EUR');
INSERT INTO "postings" VALUES('o-1',4,0,'refunds_payable',50,'EUR');
INSERT INTO "postings" VALUES('o-1',4,1,'cash',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',5,0,'receivable',9,'EUR');
INSERT INTO "postings" VALUES('o-1',5,1,'cash',-9,'EUR');
INSERT INTO "postings" VALUES('o-1',7,0,'receivable',-9,'EUR');
INSERT INTO "postings" VALUES('o-1',7,1,'cash',9,'EUR');
INSERT INTO "postings" VALUES('o-1',15,0,'receivable',-900,'EUR');
INSERT INTO "postings" VALUES('o-1',15,1,'cash',900,'EUR');
INSERT INTO "postings" VALUES('o-1',16,0,'receivable',30,'EUR');
INSERT INTO "postings" VALUES('o-1',16,1,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',16,2,'sales',20,'EUR');
INSERT INTO "postings" VALUES('o-1',17,0,'refunds_payable',50,'EUR');
INSERT INTO "postings" VALUES('o-1',17,1,'cash',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',18,0,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',18,1,'cash',50,'EUR');
INSERT INTO "postings" VALUES('o-1',19,0,'receivable',9,'EUR');
INSERT INTO "postings" VALUES('o-1',19,1,'cash',-9,'EUR');
INSERT INTO "postings" VALUES('o-1',29,0,'receivable',-900,'EUR');
INSERT INTO "postings" VALUES('o-1',29,1,'cash',900,'EUR');
INSERT INTO "postings" VALUES('o-1',30,0,'receivable',30,'EUR');
INSERT INTO "postings" VALUES('o-1',30,1,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',30,2,'sales',20,'EUR');
INSERT INTO "postings" VALUES('o-1',31,0,'refunds_payable',50,'EUR');
INSERT INTO "postings" VALUES('o-1',31,1,'cash',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',32,0,'receivable',9,'EUR');
INSERT INTO "postings" VALUES('o-1',32,1,'cash',-9,'EUR');
INSERT INTO "postings" VALUES('o-1',40,0,'receivable',30,'EUR');
INSERT INTO "postings" VALUES('o-1',40,1,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',40,2,'sales',20,'EUR');
INSERT INTO "postings" VALUES('o-1',41,0,'refunds_payable',50,'EUR');
INSERT INTO "postings" VALUES('o-1',41,1,'cash',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',42,0,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',42,1,'cash',50,'EUR');
INSERT INTO "postings" VALUES('o-1',43,0,'receivable',9,'EUR');
INSERT INTO "postings" VALUES('o-1',43,1,'cash',-9,'EUR');
INSERT INTO "postings" VALUES('o-1',50,0,'receivable',-900,'EUR');
INSERT INTO "postings" VALUES('o-1',50,1,'cash',900,'EUR');
INSERT INTO "postings" VALUES('o-1',51,0,'receivable',30,'EUR');
INSERT INTO "postings" VALUES('o-1',51,1,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',51,2,'sales',20,'EUR');
INSERT INTO "postings" VALUES('o-1',52,0,'refunds_payable',50,'EUR');
INSERT INTO "postings" VALUES('o-1',52,1,'cash',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',53,0,'receivable',9,'EUR');
INSERT INTO "postings" VALUES('o-1',53,1,'cash',-9,'EUR');
INSERT INTO "postings" VALUES('o-1',63,0,'receivable',-900,'EUR');
INSERT INTO "postings" VALUES('o-1',63,1,'cash',900,'EUR');
INSERT INTO "postings" VALUES('o-1',64,0,'receivable',30,'EUR');
INSERT INTO "postings" VALUES('o-1',64,1,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',64,2,'sales',20,'EUR');
INSERT INTO "postings" VALUES('o-1',65,0,'refunds_payable',50,'EUR');
INSERT INTO "postings" VALUES('o-1',65,1,'cash',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',66,0,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-1',66,1,'cash',50,'EUR');
INSERT INTO "postings" VALUES('o-1',67,0,'receivable',9,'EUR');
INSERT INTO "postings" VALUES('o-1',67,1,'cash',-9,'EUR');
INSERT INTO "postings" VALUES('o-2',0,0,'receivable',85400,'EUR');
INSERT INTO "postings" VALUES('o-2',0,1,'sales',-85000,'EUR');
INSERT INTO "postings" VALUES('o-2',0,2,'shipping',-300,'EUR');
INSERT INTO "postings" VALUES('o-2',0,3,'tax',-200,'EUR');
INSERT INTO "postings" VALUES('o-2',0,4,'discount',100,'EUR');
INSERT INTO "postings" VALUES('o-2',3,0,'receivable',30,'EUR');
INSERT INTO "postings" VALUES('o-2',3,1,'refunds_payable',-50,'EUR');
INSERT INTO "postings" VALUES('o-2',3,2,'sales',20,'EUR');
INSERT INTO "postings" VALUES('o-2',4,0,'refunds_payable',50,'EUR');
INSERT INTO "postings" VALUES('o-2',4,1,'cash',-50,'EUR');
INSERT INTO "postings" VALUES('o-2',5,0,'receivable',9,'EUR');
INSERT INTO "postings" VALUES('o-2',5,1,'cash',-9,'EUR');
INSERT INTO "postings" VALUES('o-2',7,0,'receivable',-9,'EUR');
INSERT INTO "postings" VALUES('o-2',7,1,'cash',9,'EUR');
CREATE TABLE refunds (
	order_id TEXT NOT NULL, 
	refund_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	granted_cents INTEGER NOT NULL CHECK (granted_cents >= 0), 
	allowance_cents INTEGER NOT NULL CHECK (allowance_cents >= 0), 
	revoked_cents INTEGER NOT NULL CHECK (revoked_cents >= 0), 
	paid_out_cents INTEGER NOT NULL CHECK (paid_out_cents >= 0), 
	open_cents INTEGER NOT NULL CHECK (open_cents >= 0), 
	PRIMARY KEY (order_id, refund_id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "refunds" VALUES('o-1','r-0','paid_out',50,20,0,50,0);
INSERT INTO "refunds" VALUES('o-1','r-1','open',50,20,0,0,50);
INSERT INTO "refunds" VALUES('o-1','r-2','paid_out',50,20,0,50,0);
INSERT INTO "refunds" VALUES('o-1','r-3','open',50,20,0,0,50);
INSERT INTO "refunds" VALUES('o-1','r-4','paid_out',50,20,0,50,0);
INSERT INTO "refunds" VALUES('o-1','r-5','open',50,20,0,0,50);
INSERT INTO "refunds" VALUES('o-2','r-0','paid_out',50,20,0,50,0);
CREATE TABLE repaired (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE steps (
	order_id TEXT NOT NULL, 
	payment_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	refund_id TEXT, 
	amount_cents INTEGER CHECK (amount_cents >= 0), 
	currency TEXT, 
	method TEXT, 
	reason TEXT, 
	occurred_at TEXT NOT NULL, 
	recorded_at TEXT NOT NULL, 
	PRIMARY KEY (order_id, payment_id, kind, id, revision)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "steps" VALUES('o-1','','grant','r-0',3,'r-0',50,NULL,NULL,'broken','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','','grant','r-1',16,'r-1',50,NULL,NULL,'broken','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','','grant','r-2',30,'r-2',50,NULL,NULL,'broken','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','','grant','r-3',40,'r-3',50,NULL,NULL,'broken','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','','grant','r-4',51,'r-4',50,NULL,NULL,'broken','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','','grant','r-5',64,'r-5',50,NULL,NULL,'broken','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','','payout-failure','',18,'r-1',NULL,NULL,NULL,'no iban','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','','payout-failure','',42,'r-3',NULL,NULL,NULL,'no iban','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','','payout-failure','',66,'r-5',NULL,NULL,NULL,'no iban','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-0','authorization','',2,NULL,900,'EUR','card',NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-0','chargeback','b',5,NULL,9,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-0','chargeback-reversal','b',7,NULL,NULL,NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-0','chargeback-reversal','b',55,NULL,NULL,NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-0','payout','a',4,'r-0',50,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-1','authorization','',14,NULL,900,'EUR','card',NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-1','capture','k',15,NULL,900,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-1','chargeback','b',19,NULL,9,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-1','payout','a',17,'r-1',50,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-2','authorization','',28,NULL,900,'EUR','card',NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-2','capture','k',29,NULL,900,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-2','chargeback','b',32,NULL,9,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-2','payout','a',31,'r-2',50,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-3','authorization','',39,NULL,900,'EUR','card',NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-3','chargeback','b',43,NULL,9,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-3','payout','a',41,'r-3',50,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-4','authorization','',49,NULL,900,'EUR','card',NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-4','capture','k',50,NULL,900,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-4','chargeback','b',53,NULL,9,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-4','payout','a',52,'r-4',50,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-5','authorization','',62,NULL,900,'EUR','card',NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-5','capture','k',63,NULL,900,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-5','chargeback','b',67,NULL,9,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1','p-5','payout','a',65,'r-5',50,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2','','grant','r-0',3,'r-0',50,NULL,NULL,'broken','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2','p-0','authorization','',2,NULL,900,'EUR','card',NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2','p-0','chargeback','b',5,NULL,9,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2','p-0','chargeback-reversal','b',7,NULL,NULL,NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2','p-0','payout','a',4,'r-0',50,'EUR',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
CREATE TABLE views (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	"view" TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 STRICT

;
INSERT INTO "views" VALUES('o-1',75,'{"order_id":"o-1","money":{"currency":"EUR","prices_cents":[500,700],"goods_cents":85000,"shipping_cents":300,"tax_cents":200,"discount_cents":100,"total_cents":85400,"payments":{"p-0":{"method":"card","authorized_cents":900,"refunded_cents":50,"chargebacks":{"b":{"amount_cents":9,"reversed":true}}},"p-1":{"method":"card","authorized_cents":900,"captured_cents":900,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}},"p-2":{"method":"card","authorized_cents":900,"captured_cents":900,"refunded_cents":50,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}},"p-3":{"method":"card","authorized_cents":900,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}},"p-4":{"method":"card","authorized_cents":900,"captured_cents":900,"refunded_cents":50,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}},"p-5":{"method":"card","authorized_cents":900,"captured_cents":900,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}}},"refunds":{"r-0":{"granted":true,"granted_cents":50,"allowance_cents":20,"paid_out_cents":50,"payouts":[{"payment_id":"p-0","payout_id":"a","amount_cents":50}]},"r-1":{"granted":true,"granted_cents":50,"allowance_cents":20,"failures":[{"payment_id":null,"payout_id":null}]},"r-2":{"granted":true,"granted_cents":50,"allowance_cents":20,"paid_out_cents":50,"payouts":[{"payment_id":"p-2","payout_id":"a","amount_cents":50}]},"r-3":{"granted":true,"granted_cents":50,"allowance_cents":20,"failures":[{"payment_id":null,"payout_id":null}]},"r-4":{"granted":true,"granted_cents":50,"allowance_cents":20,"paid_out_cents":50,"payouts":[{"payment_id":"p-4","payout_id":"a","amount_cents":50}]},"r-5":{"granted":true,"granted_cents":50,"allowance_cents":20,"failures":[{"payment_id":null,"payout_id":null}]}},"captured_cents":3600,"refunded_cents":150,"charged_back_cents":45,"open_refunds_cents":150,"claimed_refunds_cents":300,"allowed_refunds_cents":120},"reported":{"p-0":"2026-01-02T03:04:05.000006Z","p-1":"2026-01-02T03:04:05.000006Z","p-2":"2026-01-02T03:04:05.000006Z","p-3":"2026-01-02T03:04:05.000006Z","p-4":"2026-01-02T03:04:05.000006Z","p-5":"2026-01-02T03:04:05.000006Z"},"authorized_cents":5400,"captures":4,"anomalies":6}','adabcb99e1359afa2ebd6878df960f1710b02b76e154a4b8bee5ba3bbe71096b');
INSERT INTO "views" VALUES('o-2',13,'{"order_id":"o-2","money":{"currency":"EUR","prices_cents":[500,700],"goods_cents":85000,"shipping_cents":300,"tax_cents":200,"discount_cents":100,"total_cents":85400,"payments":{"p-0":{"method":"card","authorized_cents":900,"refunded_cents":50,"chargebacks":{"b":{"amount_cents":9,"reversed":true}}}},"refunds":{"r-0":{"granted":true,"granted_cents":50,"allowance_cents":20,"paid_out_cents":50,"payouts":[{"payment_id":"p-0","payout_id":"a","amount_cents":50}]}},"refunded_cents":50,"claimed_refunds_cents":50,"allowed_refunds_cents":20},"reported":{"p-0":"2026-01-02T03:04:05.000006Z"},"authorized_cents":900,"anomalies":1}','e605af9ac9184aed262801d6d211ec57bfad0c2e71d0f84cb8816a97fa91da47');
COMMIT;
PRAGMA user_version = 2;
