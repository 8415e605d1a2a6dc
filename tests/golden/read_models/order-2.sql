BEGIN TRANSACTION;
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
INSERT INTO "generation" VALUES('order');
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
CREATE TABLE orders (
	order_id TEXT NOT NULL, 
	customer_id TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	state TEXT NOT NULL, 
	on_hold INTEGER NOT NULL, 
	fulfilment TEXT NOT NULL, 
	payment TEXT NOT NULL, 
	goods_cents INTEGER NOT NULL CHECK (goods_cents >= 0), 
	shipping_cents INTEGER NOT NULL CHECK (shipping_cents >= 0), 
	tax_cents INTEGER NOT NULL CHECK (tax_cents >= 0), 
	discount_cents INTEGER NOT NULL CHECK (discount_cents >= 0), 
	total_cents INTEGER NOT NULL CHECK (total_cents >= 0), 
	due_cents INTEGER NOT NULL CHECK (due_cents >= 0), 
	net_cents INTEGER NOT NULL, 
	balance_cents INTEGER NOT NULL, 
	lines INTEGER NOT NULL CHECK (lines >= 0), 
	units_ordered INTEGER NOT NULL CHECK (units_ordered >= 0), 
	units_cancelled INTEGER NOT NULL CHECK (units_cancelled >= 0), 
	anomalies INTEGER NOT NULL CHECK (anomalies >= 0), 
	revision INTEGER NOT NULL CHECK (revision >= 0), 
	placed_at TEXT NOT NULL, 
	placed_recorded_at TEXT NOT NULL, 
	updated_at TEXT NOT NULL, 
	updated_recorded_at TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 STRICT

;
INSERT INTO "orders" VALUES('o-1','c-1','EUR','shop','confirmed',0,'partly_delivered','partly_captured',85000,300,200,100,85400,85280,3405,81875,2,150,0,6,75,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "orders" VALUES('o-2','c-1','EUR','shop','confirmed',0,'partly_delivered','refunded',85000,300,200,100,85400,85380,-50,85430,2,150,0,1,13,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
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
CREATE TABLE repaired (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	why TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE views (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	"view" TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 STRICT

;
INSERT INTO "views" VALUES('o-1',75,'{"order_id":"o-1","money":{"currency":"EUR","prices_cents":[500,700],"goods_cents":85000,"shipping_cents":300,"tax_cents":200,"discount_cents":100,"total_cents":85400,"payments":{"p-0":{"method":"card","authorized_cents":900,"refunded_cents":50,"chargebacks":{"b":{"amount_cents":9,"reversed":true}}},"p-1":{"method":"card","authorized_cents":900,"captured_cents":900,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}},"p-2":{"method":"card","authorized_cents":900,"captured_cents":900,"refunded_cents":50,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}},"p-3":{"method":"card","authorized_cents":900,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}},"p-4":{"method":"card","authorized_cents":900,"captured_cents":900,"refunded_cents":50,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}},"p-5":{"method":"card","authorized_cents":900,"captured_cents":900,"charged_back_cents":9,"chargebacks":{"b":{"amount_cents":9}}}},"refunds":{"r-0":{"granted":true,"granted_cents":50,"allowance_cents":20,"paid_out_cents":50,"payouts":[{"payment_id":"p-0","payout_id":"a","amount_cents":50}]},"r-1":{"granted":true,"granted_cents":50,"allowance_cents":20,"failures":[{"payment_id":null,"payout_id":null}]},"r-2":{"granted":true,"granted_cents":50,"allowance_cents":20,"paid_out_cents":50,"payouts":[{"payment_id":"p-2","payout_id":"a","amount_cents":50}]},"r-3":{"granted":true,"granted_cents":50,"allowance_cents":20,"failures":[{"payment_id":null,"payout_id":null}]},"r-4":{"granted":true,"granted_cents":50,"allowance_cents":20,"paid_out_cents":50,"payouts":[{"payment_id":"p-4","payout_id":"a","amount_cents":50}]},"r-5":{"granted":true,"granted_cents":50,"allowance_cents":20,"failures":[{"payment_id":null,"payout_id":null}]}},"captured_cents":3600,"refunded_cents":150,"charged_back_cents":45,"open_refunds_cents":150,"claimed_refunds_cents":300,"allowed_refunds_cents":120},"goods":{"lines":[{"product_id":"cup","ordered":100,"dispatched":10,"delivered":8,"lost":2,"requested":4},{"product_id":"pot","ordered":50,"dispatched":5,"delivered":4,"lost":1}],"shipments":{"s-0":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-0","outcome":"delivered"},"s-1":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-1","outcome":"delivered"},"s-2":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-2","outcome":"lost"},"s-3":{"state":"cancelled","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north"},"s-4":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-4","outcome":"delivered"},"s-5":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-5","outcome":"delivered"}},"returns":{"b-0":{"lines":[{"line":1,"requested":2}]},"b-1":{"state":"closed","lines":[{"line":1,"requested":2}]},"b-4":{"lines":[{"line":1,"requested":2}]},"b-5":{"state":"closed","lines":[{"line":1,"requested":2}]}}},"status":{"holds":{},"confirmed":true},"customer_id":"c-1","channel":"shop","anomalies":6,"revision":75,"placed_at":"2026-01-02T03:04:05.000006Z","placed_recorded_at":"2026-01-02T03:04:05.000006Z","updated_at":"2026-01-02T03:04:05.000006Z","updated_recorded_at":"2026-01-02T03:04:05.000006Z"}','adabcb99e1359afa2ebd6878df960f1710b02b76e154a4b8bee5ba3bbe71096b');
INSERT INTO "views" VALUES('o-2',13,'{"order_id":"o-2","money":{"currency":"EUR","prices_cents":[500,700],"goods_cents":85000,"shipping_cents":300,"tax_cents":200,"discount_cents":100,"total_cents":85400,"payments":{"p-0":{"method":"card","authorized_cents":900,"refunded_cents":50,"chargebacks":{"b":{"amount_cents":9,"reversed":true}}}},"refunds":{"r-0":{"granted":true,"granted_cents":50,"allowance_cents":20,"paid_out_cents":50,"payouts":[{"payment_id":"p-0","payout_id":"a","amount_cents":50}]}},"refunded_cents":50,"claimed_refunds_cents":50,"allowed_refunds_cents":20},"goods":{"lines":[{"product_id":"cup","ordered":100,"dispatched":2,"delivered":2,"requested":2},{"product_id":"pot","ordered":50,"dispatched":1,"delivered":1}],"shipments":{"s-0":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-0","outcome":"delivered"}},"returns":{"b-0":{"lines":[{"line":1,"requested":2}]}}},"status":{"holds":{},"confirmed":true},"customer_id":"c-1","channel":"shop","anomalies":1,"revision":13,"placed_at":"2026-01-02T03:04:05.000006Z","placed_recorded_at":"2026-01-02T03:04:05.000006Z","updated_at":"2026-01-02T03:04:05.000006Z","updated_recorded_at":"2026-01-02T03:04:05.000006Z"}','e605af9ac9184aed262801d6d211ec57bfad0c2e71d0f84cb8816a97fa91da47');
COMMIT;
PRAGMA user_version = 2;
