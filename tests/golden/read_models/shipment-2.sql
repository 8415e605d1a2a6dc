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
CREATE TABLE fulfilments (
	order_id TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	cancelled INTEGER NOT NULL, 
	fulfilment TEXT NOT NULL, 
	units_ordered INTEGER NOT NULL CHECK (units_ordered >= 0), 
	units_cancelled INTEGER NOT NULL CHECK (units_cancelled >= 0), 
	units_dispatched INTEGER NOT NULL CHECK (units_dispatched >= 0), 
	units_delivered INTEGER NOT NULL CHECK (units_delivered >= 0), 
	units_open INTEGER NOT NULL CHECK (units_open >= 0), 
	shipments_planned INTEGER NOT NULL CHECK (shipments_planned >= 0), 
	shipments_dispatched INTEGER NOT NULL CHECK (shipments_dispatched >= 0), 
	shipments_delivered INTEGER NOT NULL CHECK (shipments_delivered >= 0), 
	PRIMARY KEY (order_id)
)
 STRICT

;
INSERT INTO "fulfilments" VALUES('o-1','EUR',0,'partly_delivered',150,0,15,12,138,6,5,4);
INSERT INTO "fulfilments" VALUES('o-2','EUR',0,'partly_delivered',150,0,3,3,147,1,1,1);
CREATE TABLE generation (model TEXT NOT NULL) STRICT;
INSERT INTO "generation" VALUES('shipment');
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
CREATE TABLE lines (
	order_id TEXT NOT NULL, 
	line INTEGER NOT NULL, 
	product_id TEXT NOT NULL, 
	ordered INTEGER NOT NULL CHECK (ordered >= 0), 
	cancelled INTEGER NOT NULL CHECK (cancelled >= 0), 
	planned INTEGER NOT NULL CHECK (planned >= 0), 
	dispatched INTEGER NOT NULL CHECK (dispatched >= 0), 
	delivered INTEGER NOT NULL CHECK (delivered >= 0), 
	lost INTEGER NOT NULL CHECK (lost >= 0), 
	returned_to_sender INTEGER NOT NULL CHECK (returned_to_sender >= 0), 
	requested INTEGER NOT NULL CHECK (requested >= 0), 
	received INTEGER NOT NULL CHECK (received >= 0), 
	open INTEGER NOT NULL CHECK (open >= 0), 
	overshipped INTEGER NOT NULL CHECK (overshipped >= 0), 
	PRIMARY KEY (order_id, line)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "lines" VALUES('o-1',1,'cup',100,0,0,10,8,2,0,4,0,92,0);
INSERT INTO "lines" VALUES('o-1',2,'pot',50,0,0,5,4,1,0,0,0,46,0);
INSERT INTO "lines" VALUES('o-2',1,'cup',100,0,0,2,2,0,0,2,0,98,0);
INSERT INTO "lines" VALUES('o-2',2,'pot',50,0,0,1,1,0,0,0,0,49,0);
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
CREATE TABLE receipts (
	order_id TEXT NOT NULL, 
	return_id TEXT NOT NULL, 
	receipt_id TEXT NOT NULL, 
	line INTEGER NOT NULL, 
	condition TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	quantity INTEGER NOT NULL CHECK (quantity >= 0), 
	PRIMARY KEY (order_id, return_id, receipt_id, line, condition, revision)
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
CREATE TABLE return_lines (
	order_id TEXT NOT NULL, 
	return_id TEXT NOT NULL, 
	line INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	quantity INTEGER NOT NULL CHECK (quantity >= 0), 
	PRIMARY KEY (order_id, return_id, line, revision)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "return_lines" VALUES('o-1','b-0',1,13,2);
INSERT INTO "return_lines" VALUES('o-1','b-1',1,26,2);
INSERT INTO "return_lines" VALUES('o-1','b-4',1,61,2);
INSERT INTO "return_lines" VALUES('o-1','b-5',1,74,2);
INSERT INTO "return_lines" VALUES('o-2','b-0',1,13,2);
CREATE TABLE returns (
	order_id TEXT NOT NULL, 
	return_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	units_requested INTEGER NOT NULL CHECK (units_requested >= 0), 
	units_received INTEGER NOT NULL CHECK (units_received >= 0), 
	PRIMARY KEY (order_id, return_id)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "returns" VALUES('o-1','b-0','open',2,0);
INSERT INTO "returns" VALUES('o-1','b-1','closed',2,0);
INSERT INTO "returns" VALUES('o-1','b-4','open',2,0);
INSERT INTO "returns" VALUES('o-1','b-5','closed',2,0);
INSERT INTO "returns" VALUES('o-2','b-0','open',2,0);
CREATE TABLE shipment_lines (
	order_id TEXT NOT NULL, 
	shipment_id TEXT NOT NULL, 
	line INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	quantity INTEGER NOT NULL CHECK (quantity >= 0), 
	PRIMARY KEY (order_id, shipment_id, line, revision)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "shipment_lines" VALUES('o-1','s-0',1,10,2);
INSERT INTO "shipment_lines" VALUES('o-1','s-0',2,10,1);
INSERT INTO "shipment_lines" VALUES('o-1','s-1',1,23,2);
INSERT INTO "shipment_lines" VALUES('o-1','s-1',2,23,1);
INSERT INTO "shipment_lines" VALUES('o-1','s-2',1,36,2);
INSERT INTO "shipment_lines" VALUES('o-1','s-2',2,36,1);
INSERT INTO "shipment_lines" VALUES('o-1','s-3',1,47,2);
INSERT INTO "shipment_lines" VALUES('o-1','s-3',2,47,1);
INSERT INTO "shipment_lines" VALUES('o-1','s-4',1,58,2);
INSERT INTO "shipment_lines" VALUES('o-1','s-4',2,58,1);
INSERT INTO "shipment_lines" VALUES('o-1','s-5',1,71,2);
INSERT INTO "shipment_lines" VALUES('o-1','s-5',2,71,1);
INSERT INTO "shipment_lines" VALUES('o-2','s-0',1,10,2);
INSERT INTO "shipment_lines" VALUES('o-2','s-0',2,10,1);
CREATE TABLE shipments (
	order_id TEXT NOT NULL, 
	shipment_id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	was_planned INTEGER NOT NULL, 
	location TEXT, 
	carrier TEXT, 
	tracking TEXT, 
	units INTEGER NOT NULL CHECK (units >= 0), 
	reported_at TEXT NOT NULL, 
	planned_at TEXT, 
	dispatched_at TEXT, 
	outcome_at TEXT, 
	cancelled_at TEXT, 
	PRIMARY KEY (order_id, shipment_id)
)
 STRICT

;
INSERT INTO "shipments" VALUES('o-1','s-0','delivered',1,'north','post','t-0',3,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z',NULL);
INSERT INTO "shipments" VALUES('o-1','s-1','delivered',1,'north','post','t-1',3,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z',NULL);
INSERT INTO "shipments" VALUES('o-1','s-2','lost',1,'north','post','t-2',3,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z',NULL);
INSERT INTO "shipments" VALUES('o-1','s-3','cancelled',1,'north',NULL,NULL,3,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z',NULL,NULL,'2026-01-02T03:04:05.000006Z');
INSERT INTO "shipments" VALUES('o-1','s-4','delivered',1,'north','post','t-4',3,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z',NULL);
INSERT INTO "shipments" VALUES('o-1','s-5','delivered',1,'north','post','t-5',3,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z',NULL);
INSERT INTO "shipments" VALUES('o-2','s-0','delivered',1,'north','post','t-0',3,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z',NULL);
CREATE TABLE steps (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	shipment_id TEXT, 
	return_id TEXT, 
	report_id TEXT, 
	reason TEXT, 
	occurred_at TEXT NOT NULL, 
	recorded_at TEXT NOT NULL, 
	PRIMARY KEY (order_id, revision)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO "steps" VALUES('o-1',10,'planned','s-0',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',11,'dispatched','s-0',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',12,'delivered','s-0',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',13,'return-requested',NULL,'b-0',NULL,'too small','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',23,'planned','s-1',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',24,'dispatched','s-1',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',25,'delivered','s-1',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',26,'return-requested',NULL,'b-1',NULL,'too small','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',27,'return-closed',NULL,'b-1',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',36,'planned','s-2',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',37,'dispatched','s-2',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',38,'lost','s-2',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',47,'planned','s-3',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',48,'cancelled','s-3',NULL,NULL,'too late','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',58,'planned','s-4',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',59,'dispatched','s-4',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',60,'delivered','s-4',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',61,'return-requested',NULL,'b-4',NULL,'too small','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',71,'planned','s-5',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',72,'dispatched','s-5',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',73,'delivered','s-5',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',74,'return-requested',NULL,'b-5',NULL,'too small','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-1',75,'return-closed',NULL,'b-5',NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2',10,'planned','s-0',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2',11,'dispatched','s-0',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2',12,'delivered','s-0',NULL,NULL,NULL,'2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
INSERT INTO "steps" VALUES('o-2',13,'return-requested',NULL,'b-0',NULL,'too small','2026-01-02T03:04:05.000006Z','2026-01-02T03:04:05.000006Z');
CREATE TABLE views (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	"view" TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 STRICT

;
INSERT INTO "views" VALUES('o-1',75,'{"order_id":"o-1","currency":"EUR","goods":{"lines":[{"product_id":"cup","ordered":100,"dispatched":10,"delivered":8,"lost":2,"requested":4},{"product_id":"pot","ordered":50,"dispatched":5,"delivered":4,"lost":1}],"shipments":{"s-0":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-0","outcome":"delivered"},"s-1":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-1","outcome":"delivered"},"s-2":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-2","outcome":"lost"},"s-3":{"state":"cancelled","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north"},"s-4":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-4","outcome":"delivered"},"s-5":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-5","outcome":"delivered"}},"returns":{"b-0":{"lines":[{"line":1,"requested":2}]},"b-1":{"state":"closed","lines":[{"line":1,"requested":2}]},"b-4":{"lines":[{"line":1,"requested":2}]},"b-5":{"state":"closed","lines":[{"line":1,"requested":2}]}}},"times":{"s-0":{"reported_at":"2026-01-02T03:04:05.000006Z","planned_at":"2026-01-02T03:04:05.000006Z","dispatched_at":"2026-01-02T03:04:05.000006Z","outcome_at":"2026-01-02T03:04:05.000006Z"},"s-1":{"reported_at":"2026-01-02T03:04:05.000006Z","planned_at":"2026-01-02T03:04:05.000006Z","dispatched_at":"2026-01-02T03:04:05.000006Z","outcome_at":"2026-01-02T03:04:05.000006Z"},"s-2":{"reported_at":"2026-01-02T03:04:05.000006Z","planned_at":"2026-01-02T03:04:05.000006Z","dispatched_at":"2026-01-02T03:04:05.000006Z","outcome_at":"2026-01-02T03:04:05.000006Z"},"s-3":{"reported_at":"2026-01-02T03:04:05.000006Z","planned_at":"2026-01-02T03:04:05.000006Z","cancelled_at":"2026-01-02T03:04:05.000006Z"},"s-4":{"reported_at":"2026-01-02T03:04:05.000006Z","planned_at":"2026-01-02T03:04:05.000006Z","dispatched_at":"2026-01-02T03:04:05.000006Z","outcome_at":"2026-01-02T03:04:05.000006Z"},"s-5":{"reported_at":"2026-01-02T03:04:05.000006Z","planned_at":"2026-01-02T03:04:05.000006Z","dispatched_at":"2026-01-02T03:04:05.000006Z","outcome_at":"2026-01-02T03:04:05.000006Z"}}}','adabcb99e1359afa2ebd6878df960f1710b02b76e154a4b8bee5ba3bbe71096b');
INSERT INTO "views" VALUES('o-2',13,'{"order_id":"o-2","currency":"EUR","goods":{"lines":[{"product_id":"cup","ordered":100,"dispatched":2,"delivered":2,"requested":2},{"product_id":"pot","ordered":50,"dispatched":1,"delivered":1}],"shipments":{"s-0":{"state":"dispatched","lines":[{"line":1,"quantity":2},{"line":2,"quantity":1}],"location":"north","carrier":"post","tracking":"t-0","outcome":"delivered"}},"returns":{"b-0":{"lines":[{"line":1,"requested":2}]}}},"times":{"s-0":{"reported_at":"2026-01-02T03:04:05.000006Z","planned_at":"2026-01-02T03:04:05.000006Z","dispatched_at":"2026-01-02T03:04:05.000006Z","outcome_at":"2026-01-02T03:04:05.000006Z"}}}','e605af9ac9184aed262801d6d211ec57bfad0c2e71d0f84cb8816a97fa91da47');
COMMIT;
PRAGMA user_version = 2;
