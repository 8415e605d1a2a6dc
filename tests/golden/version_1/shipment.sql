PRAGMA application_id = 1147224697;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE generation (model TEXT NOT NULL) STRICT;
INSERT INTO generation VALUES('shipment');
CREATE TABLE views (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	"view" TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 STRICT

;
INSERT INTO views VALUES('discount-cancel',4,'{"order_id":"discount-cancel","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1},{"product_id":"a2","ordered":1,"cancelled":1}],"shipments":{},"returns":{}}}','d5ac7f9cd0ab0b198a661c39488be17d98fafbcc4086fab118bd9aefc610cab8');
INSERT INTO views VALUES('half-price-cancel',6,'{"order_id":"half-price-cancel","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":2,"cancelled":1}],"shipments":{},"returns":{}}}','6562ea358df86a3ef12fd91b23d40cdd26041794397dbb33f01a4ab747176f30');
INSERT INTO views VALUES('failure-without-payout',6,'{"order_id":"failure-without-payout","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','ba577ca2e31cd3dd60e6f99b2982fc02fa9a9af93bae46385bd0abebfe0996fe');
INSERT INTO views VALUES('payout-before-grant',8,'{"order_id":"payout-before-grant","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":2,"cancelled":1}],"shipments":{},"returns":{}}}','4d10b41682c11c95916f5159f9bdb8de1a2e850f179da7cc2ed08c01c28dfa15');
INSERT INTO views VALUES('double-charge',8,'{"order_id":"double-charge","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','ca863683a0c70f76901cd67495379e7cd8109860701ff84c896ad8d192a7703e');
INSERT INTO views VALUES('revoke-takes-credit-first',6,'{"order_id":"revoke-takes-credit-first","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','e38839f7b042ba6ab7f17410c2054ebdf57631dec25005c3ff880dbf203822ff');
INSERT INTO views VALUES('accept-refund',10,'{"order_id":"accept-refund","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-01-12T12:00:00.000000Z","planned_at":"2026-01-12T12:00:00.000000Z","dispatched_at":"2026-01-12T13:00:00.000000Z","outcome_at":"2026-01-12T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','cd69bbaca3713260485f5dd71ca7a7f61d9df0328b4817d75eaa5e911e631216');
INSERT INTO views VALUES('dashboard-refund',8,'{"order_id":"dashboard-refund","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-01-13T12:00:00.000000Z","planned_at":"2026-01-13T12:00:00.000000Z","dispatched_at":"2026-01-13T13:00:00.000000Z","outcome_at":"2026-01-13T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','c375be5b12611937a8c61167badaa765f7fd60e39ef53352b46c7f3a8b293977');
INSERT INTO views VALUES('agreed-price',6,'{"order_id":"agreed-price","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-01-14T10:00:00.000000Z","planned_at":"2026-01-14T10:00:00.000000Z","dispatched_at":"2026-01-14T11:00:00.000000Z","outcome_at":"2026-01-14T12:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','b29ee4c2cabc587c9899b85b28e1e18a83f180209f3f124fb1841b2b145723c5');
INSERT INTO views VALUES('write-off',2,'{"order_id":"write-off","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','683c5eb7fe57c157ecfd42d3d3dafc054a4aea1f9a0b7f770b23a2b5542e7678');
INSERT INTO views VALUES('tip',2,'{"order_id":"tip","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','20e5c049bbd2c71e789f17c2c170e5d36eadff9016c01a5a12db802566aff54e');
INSERT INTO views VALUES('revoked-adjustment',2,'{"order_id":"revoked-adjustment","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','be0a2a3634f752b5e67b7132c53036ef137c85555ab3168d5d634dd9414dfb38');
INSERT INTO views VALUES('declined-refund-paid-again',10,'{"order_id":"declined-refund-paid-again","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-01-18T12:00:00.000000Z","planned_at":"2026-01-18T12:00:00.000000Z","dispatched_at":"2026-01-18T13:00:00.000000Z","outcome_at":"2026-01-18T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','9625dbd8dfc8ca19047ba2b69914b3fde965600f9402e374e8080096658c1104');
INSERT INTO views VALUES('bill-after-cancel',16,'{"order_id":"bill-after-cancel","currency":"EUR","cancelled":true,"goods":{"lines":[{"product_id":"a1","ordered":1,"cancelled":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-01-19T12:00:00.000000Z","planned_at":"2026-01-19T12:00:00.000000Z","dispatched_at":"2026-01-19T13:00:00.000000Z","outcome_at":"2026-01-19T18:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','9bf169e1634a436a7d308edc020a2b84b06f87330633f621650400f9c3cc5366');
INSERT INTO views VALUES('replacement',11,'{"order_id":"replacement","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1,"received":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"},"s2":{"outcome":"delivered"}},"returns":{"r":{"state":"closed","lines":[{"line":1,"requested":1,"received":1}]}}},"times":{"s1":{"reported_at":"2026-01-20T12:00:00.000000Z","planned_at":"2026-01-20T12:00:00.000000Z","dispatched_at":"2026-01-20T13:00:00.000000Z","outcome_at":"2026-01-20T14:00:00.000000Z"},"s2":{"reported_at":"2026-01-20T08:00:00.000000Z","outcome_at":"2026-01-20T08:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','bf83372e7919617427c2d3e837f232cba5f7334ef18407b25487c1f197a66917');
INSERT INTO views VALUES('all-back',11,'{"order_id":"all-back","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1,"received":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{"r":{"state":"closed","lines":[{"line":1,"requested":1,"received":1}]}}},"times":{"s1":{"reported_at":"2026-01-21T12:00:00.000000Z","planned_at":"2026-01-21T12:00:00.000000Z","dispatched_at":"2026-01-21T13:00:00.000000Z","outcome_at":"2026-01-21T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','0f609ff33a38b709e9893a49d213cf68f763be2a02a7de03c7d1bc5eef1cf445');
INSERT INTO views VALUES('charged-back',7,'{"order_id":"charged-back","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-01-22T12:00:00.000000Z","planned_at":"2026-01-22T12:00:00.000000Z","dispatched_at":"2026-01-22T13:00:00.000000Z","outcome_at":"2026-01-22T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','58a401ab50108ac85d13456e6ee848bfbb7a87a7820c488f2d32039ae47ad08d');
INSERT INTO views VALUES('declined-then-paid',4,'{"order_id":"declined-then-paid","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','9d6725c7ca394734d4a76af40d7b2a82f82a5fa334a52418beedda8fe796848d');
INSERT INTO views VALUES('declined',1,'{"order_id":"declined","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','e786a3bf7bbb629fa6028bd452604a42785bcbe16cb90ca08fc1d9d4743351f3');
INSERT INTO views VALUES('bank-transfer',0,'{"order_id":"bank-transfer","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','35931e8636de2e284c149c47653ef2771ccf9d31964de97d102df947732d59fd');
INSERT INTO views VALUES('capture-first',3,'{"order_id":"capture-first","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','0c4791734243b004bcc105b0a70bc4ad8cfa73e08ae72064d23a5ae4f363b74e');
INSERT INTO views VALUES('explained',3,'{"order_id":"explained","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','3fe78a256f3c2d7106156a823103bef3d38b40c3e8c6eadc43e83f9f371472cb');
INSERT INTO views VALUES('won-then-lost',3,'{"order_id":"won-then-lost","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','108192560efc6fe76c3a84dbf718f892178e34d66af783aea54b6e49fb552626');
INSERT INTO views VALUES('won-then-told-again',5,'{"order_id":"won-then-told-again","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','9c010ab35bb9805768ab99fa7751f1b7ff68d8b22707195c514f38a22fb206e4');
INSERT INTO views VALUES('renewed',4,'{"order_id":"renewed","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','3c16203e93364a756e5e571489336ce731e5adc9d24cba691940a5d3a62a83ba');
INSERT INTO views VALUES('store-credit',4,'{"order_id":"store-credit","currency":"EUR","cancelled":true,"goods":{"lines":[{"product_id":"a1","ordered":1,"cancelled":1}],"shipments":{},"returns":{}}}','16d4fe50a0cd143580870e596514f8209a02644beec717840da3c008a15fb5f7');
INSERT INTO views VALUES('fee',2,'{"order_id":"fee","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','417a55c4e3f4d22af3bb02c4ad9a2b4c600ca954fb51d606ea8181f0d031e236');
INSERT INTO views VALUES('mistyped',4,'{"order_id":"mistyped","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','abf318e5bb19f2148b4a4e8d6780613ac41847f2ce5226767b2dfb4010f1dc7c');
INSERT INTO views VALUES('other-currency',0,'{"order_id":"other-currency","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','c727d6d998cbf92a25f9c5071bed1ddab3508571b3af83b6083e3fd9b42a8133');
INSERT INTO views VALUES('unannounced-return',6,'{"order_id":"unannounced-return","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-02-07T12:00:00.000000Z","planned_at":"2026-02-07T12:00:00.000000Z","dispatched_at":"2026-02-07T13:00:00.000000Z","outcome_at":"2026-02-07T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','de52fec2e6f62d332a66d69b8b295f0842f994ad4f19701fabd9b2315b35ac8b');
INSERT INTO views VALUES('part-of-a-parcel',7,'{"order_id":"part-of-a-parcel","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":2,"dispatched":3,"delivered":1,"lost":2}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":2}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"lost"},"s2":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s2","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-02-08T10:00:00.000000Z","planned_at":"2026-02-08T10:00:00.000000Z","dispatched_at":"2026-02-08T11:00:00.000000Z","outcome_at":"2026-02-08T13:00:00.000000Z"},"s2":{"reported_at":"2026-02-08T14:00:00.000000Z","planned_at":"2026-02-08T14:00:00.000000Z","dispatched_at":"2026-02-08T15:00:00.000000Z","outcome_at":"2026-02-08T16:00:00.000000Z"}},"planned":2,"dispatched":2,"delivered":1}','1db5b538582ddc0fc1c8e6295eb99238f2e3dc94f7be6d8022461bcc32172e65');
INSERT INTO views VALUES('nothing-due',0,'{"order_id":"nothing-due","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','3d44eb7c0b4167f82e2ba873c459133bd9290f9448b2753f6140eefa19b60104');
INSERT INTO views VALUES('add-items',0,'{"order_id":"add-items","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','5df5c224c06dab19edfba50e717d732f86f0aec9aa820ef8cd2de5c2ca7f95e8');
INSERT INTO views VALUES('granted-not-paid',7,'{"order_id":"granted-not-paid","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-02-16T12:00:00.000000Z","planned_at":"2026-02-16T12:00:00.000000Z","dispatched_at":"2026-02-16T13:00:00.000000Z","outcome_at":"2026-02-16T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','ec27f73fed08ae4db1b7fb98fe795193788d5e544afef8b1a1b05ed64700861b');
INSERT INTO views VALUES('double-payout',11,'{"order_id":"double-payout","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-02-18T12:00:00.000000Z","planned_at":"2026-02-18T12:00:00.000000Z","dispatched_at":"2026-02-18T13:00:00.000000Z","outcome_at":"2026-02-18T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','22d7e925d4267ec141b53ada9323e805adfdc1f8e3169c6d9da5b661978b33df');
INSERT INTO views VALUES('one-of-two-accepted',11,'{"order_id":"one-of-two-accepted","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-02-20T12:00:00.000000Z","planned_at":"2026-02-20T12:00:00.000000Z","dispatched_at":"2026-02-20T13:00:00.000000Z","outcome_at":"2026-02-20T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','14cdaae6697e635be58cc160ab9590ab1e97c712f5381303bc3918af70abd188');
INSERT INTO views VALUES('refund-then-cancel',5,'{"order_id":"refund-then-cancel","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":2}],"shipments":{},"returns":{}}}','c3f6fdef8d057218047ca0d954eeb2b31115559c481b76d4d0f8dc29ae56a6eb');
INSERT INTO views VALUES('one-not-sent',6,'{"order_id":"one-not-sent","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":2,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-02-22T12:00:00.000000Z","planned_at":"2026-02-22T12:00:00.000000Z","dispatched_at":"2026-02-22T13:00:00.000000Z","outcome_at":"2026-02-22T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','fe5319effaa2b06019ec19126dd4f0b6a41231301f3c9916cdf4c3ce5de18337');
INSERT INTO views VALUES('announced-late',8,'{"order_id":"announced-late","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{"r":{"state":"closed","lines":[{"line":1,"requested":1}]}}},"times":{"s1":{"reported_at":"2026-02-23T12:00:00.000000Z","planned_at":"2026-02-23T12:00:00.000000Z","dispatched_at":"2026-02-23T13:00:00.000000Z","outcome_at":"2026-02-23T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','55a259744a3726721ab2fde79ad85de26d2c3e14a92d624361076eb5b4ef5865');
INSERT INTO views VALUES('two-days',3,'{"order_id":"two-days","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1},{"product_id":"a2","ordered":1,"dispatched":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1},{"line":2,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1"}},"returns":{}},"times":{"s1":{"reported_at":"2026-02-24T10:00:00.000000Z","planned_at":"2026-02-24T10:00:00.000000Z","dispatched_at":"2026-02-24T11:00:00.000000Z"}},"planned":1,"dispatched":1}','6a5b910aff9a548bed4551f45b35cb4f4f16d84d56a15058a26fed78fee8fc07');
INSERT INTO views VALUES('told-twice',1,'{"order_id":"told-twice","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','c5dfda684320f79ef556797b3f331d4dcf3f95cf1073f53cabd0371aebd4c2ec');
INSERT INTO views VALUES('late-capture-refunded',11,'{"order_id":"late-capture-refunded","currency":"EUR","cancelled":true,"goods":{"lines":[{"product_id":"a1","ordered":1,"cancelled":1}],"shipments":{},"returns":{}}}','0706c69c8a73286274fa2176c04760632eeea120cdd5588b3bca8b465475360b');
INSERT INTO views VALUES('billed-again',8,'{"order_id":"billed-again","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1,"dispatched":1,"delivered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":1}],"location":"w","carrier":"dhl","tracking":"s1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-02-27T12:00:00.000000Z","planned_at":"2026-02-27T12:00:00.000000Z","dispatched_at":"2026-02-27T13:00:00.000000Z","outcome_at":"2026-02-27T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','a4d36f74955ad30412e8a3ac8e23adf46d0173a30fcb7671a4d611e250df7f79');
INSERT INTO views VALUES('fee-after-cancel',1,'{"order_id":"fee-after-cancel","currency":"EUR","cancelled":true,"goods":{"lines":[{"product_id":"a1","ordered":1,"cancelled":1}],"shipments":{},"returns":{}}}','cba405f5e1552757172d40d6ecf470d1dc5e36bdf72804354e52239cb37baa4e');
INSERT INTO views VALUES('rest-expires',3,'{"order_id":"rest-expires","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1}],"shipments":{},"returns":{}}}','a478181215d08b0a41504df856cb5223ff397308331fdb96f47142c7ff031016');
INSERT INTO views VALUES('cancel-what-was-refunded',5,'{"order_id":"cancel-what-was-refunded","currency":"EUR","goods":{"lines":[{"product_id":"a1","ordered":1},{"product_id":"a2","ordered":1}],"shipments":{},"returns":{}}}','5340619e89043df2965c2f3e7711ad6553a88071bfd8292022c92fa73fce559f');
INSERT INTO views VALUES('v1-holds',9,'{"order_id":"v1-holds","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3,"dispatched":3,"delivered":3},{"product_id":"cup","ordered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":3}],"location":"north","carrier":"dhl","tracking":"t1","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-03-15T15:00:00.000000Z","planned_at":"2026-03-15T15:00:00.000000Z","dispatched_at":"2026-03-15T16:00:00.000000Z","outcome_at":"2026-03-15T17:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','1f2c7f988198b28f2b1eb3e29b66286bb349ffd7f9838a6ea8f4c09d547a9be3');
INSERT INTO views VALUES('v1-currency',6,'{"order_id":"v1-currency","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','1bb7f970ac018bc2f9a4c262089f29a650898b3ffb585977b30354798d0610d9');
INSERT INTO views VALUES('v1-capture',5,'{"order_id":"v1-capture","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','d43f42f8d6e21ddef8bf1e8a3920b345a0b0cd94c7c1a543ecf469a7dab0d7fe');
INSERT INTO views VALUES('v1-void',4,'{"order_id":"v1-void","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','ac02ceaeb069d146f222622e6afbf366510e3e3550c6c585228c7dd332507dc4');
INSERT INTO views VALUES('v1-expired',4,'{"order_id":"v1-expired","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','b5774203534a74b6fd80bd136164912a7091f95bb86b8fa15a640ee0a501b1f1');
INSERT INTO views VALUES('v1-failed',4,'{"order_id":"v1-failed","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','22949b0277b13f7bcb9c43c0e14618dc6a5e066f067726b658a5e298d4f660b5');
INSERT INTO views VALUES('v1-cancelled',6,'{"order_id":"v1-cancelled","currency":"EUR","cancelled":true,"goods":{"lines":[{"product_id":"tea","ordered":3,"cancelled":3},{"product_id":"cup","ordered":1,"cancelled":1}],"shipments":{},"returns":{}}}','bd384a11b8f1e16bd3b587157029ca75e2d9241eff87f03badafe9e83e767b9d');
INSERT INTO views VALUES('v1-payout',9,'{"order_id":"v1-payout","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','c2483d68025128705ab5014d95e4c0e5b0de02e313063c40d5b5283573eec5df');
INSERT INTO views VALUES('v1-refund',7,'{"order_id":"v1-refund","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','73c56ec15635b5d7927f6d1389836b2fc455cf8bbf17928127d4a15896bfb953');
INSERT INTO views VALUES('v1-dispute',8,'{"order_id":"v1-dispute","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','d45b3ead1cf1436d647a8725d187f75b9375fcacd4e4215b4dee20874dbe2821');
INSERT INTO views VALUES('v1-parcels',14,'{"order_id":"v1-parcels","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3,"dispatched":6,"delivered":3,"returned_to_sender":3},{"product_id":"cup","ordered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":3}],"location":"north","outcome":"returned_to_sender"},"zz":{"outcome":"delivered"},"s2":{"state":"dispatched","lines":[{"line":1,"quantity":3}],"location":"north","outcome":"delivered"}},"returns":{}},"times":{"s1":{"reported_at":"2026-03-25T10:00:00.000000Z","planned_at":"2026-03-25T10:00:00.000000Z","outcome_at":"2026-03-25T13:00:00.000000Z"},"zz":{"reported_at":"2026-03-25T14:00:00.000000Z","outcome_at":"2026-03-25T14:00:00.000000Z"},"s2":{"reported_at":"2026-03-25T15:00:00.000000Z","planned_at":"2026-03-25T15:00:00.000000Z","outcome_at":"2026-03-25T17:00:00.000000Z","cancelled_at":"2026-03-25T16:00:00.000000Z"}},"planned":2,"dispatched":2,"delivered":1}','5b2270ac66d6a8c76a22757e24b4ccc13ac1dae51acf12ae59940f8ae5d7b7b3');
INSERT INTO views VALUES('v1-overshipped',9,'{"order_id":"v1-overshipped","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3,"dispatched":6,"delivered":3},{"product_id":"cup","ordered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":3}],"location":"north","carrier":"dhl","tracking":"t1","outcome":"delivered"},"s2":{"state":"dispatched","lines":[{"line":1,"quantity":3}],"location":"north","carrier":"dhl","tracking":"t2"}},"returns":{}},"times":{"s1":{"reported_at":"2026-03-26T10:00:00.000000Z","planned_at":"2026-03-26T10:00:00.000000Z","dispatched_at":"2026-03-26T11:00:00.000000Z","outcome_at":"2026-03-26T15:00:00.000000Z"},"s2":{"reported_at":"2026-03-26T13:00:00.000000Z","planned_at":"2026-03-26T13:00:00.000000Z","dispatched_at":"2026-03-26T14:00:00.000000Z"}},"planned":2,"dispatched":2,"delivered":1}','51f75e53f845213a094dc5b5523f48725219a885c0faa6866e09f41b19e29b0a');
INSERT INTO views VALUES('v1-contradiction',4,'{"order_id":"v1-contradiction","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','732116c096fd447cf138cbbe5b21492d8cdbe1717630e514cd18999e9390988e');
INSERT INTO views VALUES('v1-returns',11,'{"order_id":"v1-returns","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3,"dispatched":3,"delivered":3,"received":1},{"product_id":"cup","ordered":1}],"shipments":{"s1":{"state":"dispatched","lines":[{"line":1,"quantity":3}],"location":"north","carrier":"dhl","tracking":"t1","outcome":"delivered"}},"returns":{"t1":{"state":"closed","lines":[{"line":1,"requested":2,"received":1}]},"t2":{"state":"declined","lines":[{"line":1,"requested":1}]}}},"times":{"s1":{"reported_at":"2026-03-28T12:00:00.000000Z","planned_at":"2026-03-28T12:00:00.000000Z","dispatched_at":"2026-03-28T13:00:00.000000Z","outcome_at":"2026-03-28T14:00:00.000000Z"}},"planned":1,"dispatched":1,"delivered":1}','15f61c761d446679233e8ffb563c8c596c6736662ac34104838497a5e474912f');
INSERT INTO views VALUES('v1-cancel-items',4,'{"order_id":"v1-cancel-items","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3,"cancelled":2},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','b3893c44e97bc6e10a84fc6e1dfbe20e7bf4e9407fe76254ed668de5e189ed1c');
INSERT INTO views VALUES('v1-failed-payouts',5,'{"order_id":"v1-failed-payouts","currency":"EUR","goods":{"lines":[{"product_id":"tea","ordered":3},{"product_id":"cup","ordered":1}],"shipments":{},"returns":{}}}','913f29a4f03185bdd8d30d70fb54cfb59a3861977b7754ad7a456dbfa37286a3');
CREATE TABLE view_parts (
	order_id TEXT NOT NULL, 
	part TEXT NOT NULL, 
	"view" TEXT NOT NULL, 
	PRIMARY KEY (order_id, part)
)
 WITHOUT ROWID,
 STRICT

;
CREATE TABLE hinted (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
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
CREATE TABLE checkpoint (
	source TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	PRIMARY KEY (source)
)
 WITHOUT ROWID,
 STRICT

;
INSERT INTO checkpoint VALUES('log',420);
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
INSERT INTO last_read VALUES('log',420,'order-v1-returns',11,'429c719459acdd4c11a24b9d0917876e44888a1f05b8bbdca407d419c71c7945');
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
INSERT INTO fulfilments VALUES('discount-cancel','EUR',0,'none',2,1,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('half-price-cancel','EUR',0,'none',2,1,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('failure-without-payout','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('payout-before-grant','EUR',0,'none',2,1,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('double-charge','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('revoke-takes-credit-first','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('accept-refund','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('dashboard-refund','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('agreed-price','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('write-off','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('tip','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('revoked-adjustment','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('declined-refund-paid-again','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('bill-after-cancel','EUR',1,'delivered',1,1,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('replacement','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('all-back','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('charged-back','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('declined-then-paid','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('declined','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('bank-transfer','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('capture-first','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('explained','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('won-then-lost','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('won-then-told-again','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('renewed','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('store-credit','EUR',1,'none',1,1,0,0,0,0,0,0);
INSERT INTO fulfilments VALUES('fee','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('mistyped','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('other-currency','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('unannounced-return','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('part-of-a-parcel','EUR',0,'partly_delivered',2,0,3,1,1,2,2,1);
INSERT INTO fulfilments VALUES('nothing-due','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('add-items','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('granted-not-paid','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('double-payout','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('one-of-two-accepted','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('refund-then-cancel','EUR',0,'none',2,0,0,0,2,0,0,0);
INSERT INTO fulfilments VALUES('one-not-sent','EUR',0,'partly_delivered',2,0,1,1,1,1,1,1);
INSERT INTO fulfilments VALUES('announced-late','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('two-days','EUR',0,'dispatched',2,0,2,0,0,1,1,0);
INSERT INTO fulfilments VALUES('told-twice','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('late-capture-refunded','EUR',1,'none',1,1,0,0,0,0,0,0);
INSERT INTO fulfilments VALUES('billed-again','EUR',0,'delivered',1,0,1,1,0,1,1,1);
INSERT INTO fulfilments VALUES('fee-after-cancel','EUR',1,'none',1,1,0,0,0,0,0,0);
INSERT INTO fulfilments VALUES('rest-expires','EUR',0,'none',1,0,0,0,1,0,0,0);
INSERT INTO fulfilments VALUES('cancel-what-was-refunded','EUR',0,'none',2,0,0,0,2,0,0,0);
INSERT INTO fulfilments VALUES('v1-holds','EUR',0,'partly_delivered',4,0,3,3,1,1,1,1);
INSERT INTO fulfilments VALUES('v1-currency','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-capture','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-void','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-expired','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-failed','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-cancelled','EUR',1,'none',4,4,0,0,0,0,0,0);
INSERT INTO fulfilments VALUES('v1-payout','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-refund','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-dispute','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-parcels','EUR',0,'partly_delivered',4,0,6,3,1,2,2,1);
INSERT INTO fulfilments VALUES('v1-overshipped','EUR',0,'partly_delivered',4,0,6,3,1,2,2,1);
INSERT INTO fulfilments VALUES('v1-contradiction','EUR',0,'none',4,0,0,0,4,0,0,0);
INSERT INTO fulfilments VALUES('v1-returns','EUR',0,'partly_delivered',4,0,3,3,1,1,1,1);
INSERT INTO fulfilments VALUES('v1-cancel-items','EUR',0,'none',4,2,0,0,2,0,0,0);
INSERT INTO fulfilments VALUES('v1-failed-payouts','EUR',0,'none',4,0,0,0,4,0,0,0);
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
INSERT INTO lines VALUES('accept-refund',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('add-items',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('agreed-price',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('all-back',1,'a1',1,0,0,1,1,0,0,0,1,0,0);
INSERT INTO lines VALUES('announced-late',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('bank-transfer',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('bill-after-cancel',1,'a1',1,1,0,1,1,0,0,0,0,0,1);
INSERT INTO lines VALUES('billed-again',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('cancel-what-was-refunded',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('cancel-what-was-refunded',2,'a2',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('capture-first',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('charged-back',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('dashboard-refund',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('declined',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('declined-refund-paid-again',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('declined-then-paid',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('discount-cancel',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('discount-cancel',2,'a2',1,1,0,0,0,0,0,0,0,0,0);
INSERT INTO lines VALUES('double-charge',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('double-payout',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('explained',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('failure-without-payout',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('fee',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('fee-after-cancel',1,'a1',1,1,0,0,0,0,0,0,0,0,0);
INSERT INTO lines VALUES('granted-not-paid',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('half-price-cancel',1,'a1',2,1,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('late-capture-refunded',1,'a1',1,1,0,0,0,0,0,0,0,0,0);
INSERT INTO lines VALUES('mistyped',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('nothing-due',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('one-not-sent',1,'a1',2,0,0,1,1,0,0,0,0,1,0);
INSERT INTO lines VALUES('one-of-two-accepted',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('other-currency',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('part-of-a-parcel',1,'a1',2,0,0,3,1,2,0,0,0,1,0);
INSERT INTO lines VALUES('payout-before-grant',1,'a1',2,1,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('refund-then-cancel',1,'a1',2,0,0,0,0,0,0,0,0,2,0);
INSERT INTO lines VALUES('renewed',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('replacement',1,'a1',1,0,0,1,1,0,0,0,1,0,0);
INSERT INTO lines VALUES('rest-expires',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('revoke-takes-credit-first',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('revoked-adjustment',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('store-credit',1,'a1',1,1,0,0,0,0,0,0,0,0,0);
INSERT INTO lines VALUES('tip',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('told-twice',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('two-days',1,'a1',1,0,0,1,0,0,0,0,0,0,0);
INSERT INTO lines VALUES('two-days',2,'a2',1,0,0,1,0,0,0,0,0,0,0);
INSERT INTO lines VALUES('unannounced-return',1,'a1',1,0,0,1,1,0,0,0,0,0,0);
INSERT INTO lines VALUES('v1-cancel-items',1,'tea',3,2,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-cancel-items',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-cancelled',1,'tea',3,3,0,0,0,0,0,0,0,0,0);
INSERT INTO lines VALUES('v1-cancelled',2,'cup',1,1,0,0,0,0,0,0,0,0,0);
INSERT INTO lines VALUES('v1-capture',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-capture',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-contradiction',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-contradiction',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-currency',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-currency',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-dispute',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-dispute',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-expired',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-expired',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-failed',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-failed',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-failed-payouts',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-failed-payouts',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-holds',1,'tea',3,0,0,3,3,0,0,0,0,0,0);
INSERT INTO lines VALUES('v1-holds',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-overshipped',1,'tea',3,0,0,6,3,0,0,0,0,0,3);
INSERT INTO lines VALUES('v1-overshipped',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-parcels',1,'tea',3,0,0,6,3,0,3,0,0,0,0);
INSERT INTO lines VALUES('v1-parcels',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-payout',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-payout',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-refund',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-refund',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-returns',1,'tea',3,0,0,3,3,0,0,0,1,0,0);
INSERT INTO lines VALUES('v1-returns',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('v1-void',1,'tea',3,0,0,0,0,0,0,0,0,3,0);
INSERT INTO lines VALUES('v1-void',2,'cup',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('won-then-lost',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('won-then-told-again',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
INSERT INTO lines VALUES('write-off',1,'a1',1,0,0,0,0,0,0,0,0,1,0);
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
INSERT INTO receipts VALUES('all-back','r','k',1,'ok',8,1);
INSERT INTO receipts VALUES('replacement','r','k',1,'broken',8,1);
INSERT INTO receipts VALUES('v1-returns','t1','1',1,'good',8,1);
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
INSERT INTO return_lines VALUES('all-back','r',1,7,1);
INSERT INTO return_lines VALUES('announced-late','r',1,7,1);
INSERT INTO return_lines VALUES('replacement','r',1,7,1);
INSERT INTO return_lines VALUES('v1-returns','t1',1,7,2);
INSERT INTO return_lines VALUES('v1-returns','t2',1,10,1);
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
INSERT INTO returns VALUES('all-back','r','closed',1,1);
INSERT INTO returns VALUES('announced-late','r','closed',1,0);
INSERT INTO returns VALUES('replacement','r','closed',1,1);
INSERT INTO returns VALUES('v1-returns','t1','closed',2,1);
INSERT INTO returns VALUES('v1-returns','t2','declined',1,0);
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
INSERT INTO shipment_lines VALUES('accept-refund','s1',1,4,1);
INSERT INTO shipment_lines VALUES('agreed-price','s1',1,2,1);
INSERT INTO shipment_lines VALUES('all-back','s1',1,4,1);
INSERT INTO shipment_lines VALUES('announced-late','s1',1,4,1);
INSERT INTO shipment_lines VALUES('bill-after-cancel','s1',1,4,1);
INSERT INTO shipment_lines VALUES('billed-again','s1',1,4,1);
INSERT INTO shipment_lines VALUES('charged-back','s1',1,4,1);
INSERT INTO shipment_lines VALUES('dashboard-refund','s1',1,4,1);
INSERT INTO shipment_lines VALUES('declined-refund-paid-again','s1',1,4,1);
INSERT INTO shipment_lines VALUES('double-payout','s1',1,4,1);
INSERT INTO shipment_lines VALUES('granted-not-paid','s1',1,4,1);
INSERT INTO shipment_lines VALUES('one-not-sent','s1',1,4,1);
INSERT INTO shipment_lines VALUES('one-of-two-accepted','s1',1,4,1);
INSERT INTO shipment_lines VALUES('part-of-a-parcel','s1',1,2,2);
INSERT INTO shipment_lines VALUES('part-of-a-parcel','s2',1,5,1);
INSERT INTO shipment_lines VALUES('replacement','s1',1,4,1);
INSERT INTO shipment_lines VALUES('two-days','s1',1,2,1);
INSERT INTO shipment_lines VALUES('two-days','s1',2,2,1);
INSERT INTO shipment_lines VALUES('unannounced-return','s1',1,4,1);
INSERT INTO shipment_lines VALUES('v1-holds','s1',1,7,3);
INSERT INTO shipment_lines VALUES('v1-overshipped','s1',1,2,3);
INSERT INTO shipment_lines VALUES('v1-overshipped','s2',1,5,3);
INSERT INTO shipment_lines VALUES('v1-parcels','s1',1,2,3);
INSERT INTO shipment_lines VALUES('v1-parcels','s2',1,11,3);
INSERT INTO shipment_lines VALUES('v1-returns','s1',1,4,3);
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
INSERT INTO shipments VALUES('accept-refund','s1','delivered',1,'w','dhl','s1',1,'2026-01-12T12:00:00.000000Z','2026-01-12T12:00:00.000000Z','2026-01-12T13:00:00.000000Z','2026-01-12T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('dashboard-refund','s1','delivered',1,'w','dhl','s1',1,'2026-01-13T12:00:00.000000Z','2026-01-13T12:00:00.000000Z','2026-01-13T13:00:00.000000Z','2026-01-13T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('agreed-price','s1','delivered',1,'w','dhl','s1',1,'2026-01-14T10:00:00.000000Z','2026-01-14T10:00:00.000000Z','2026-01-14T11:00:00.000000Z','2026-01-14T12:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('declined-refund-paid-again','s1','delivered',1,'w','dhl','s1',1,'2026-01-18T12:00:00.000000Z','2026-01-18T12:00:00.000000Z','2026-01-18T13:00:00.000000Z','2026-01-18T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('bill-after-cancel','s1','delivered',1,'w','dhl','s1',1,'2026-01-19T12:00:00.000000Z','2026-01-19T12:00:00.000000Z','2026-01-19T13:00:00.000000Z','2026-01-19T18:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('replacement','s1','delivered',1,'w','dhl','s1',1,'2026-01-20T12:00:00.000000Z','2026-01-20T12:00:00.000000Z','2026-01-20T13:00:00.000000Z','2026-01-20T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('replacement','s2','delivered',0,NULL,NULL,NULL,0,'2026-01-20T08:00:00.000000Z',NULL,NULL,'2026-01-20T08:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('all-back','s1','delivered',1,'w','dhl','s1',1,'2026-01-21T12:00:00.000000Z','2026-01-21T12:00:00.000000Z','2026-01-21T13:00:00.000000Z','2026-01-21T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('charged-back','s1','delivered',1,'w','dhl','s1',1,'2026-01-22T12:00:00.000000Z','2026-01-22T12:00:00.000000Z','2026-01-22T13:00:00.000000Z','2026-01-22T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('unannounced-return','s1','delivered',1,'w','dhl','s1',1,'2026-02-07T12:00:00.000000Z','2026-02-07T12:00:00.000000Z','2026-02-07T13:00:00.000000Z','2026-02-07T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('part-of-a-parcel','s1','lost',1,'w','dhl','s1',2,'2026-02-08T10:00:00.000000Z','2026-02-08T10:00:00.000000Z','2026-02-08T11:00:00.000000Z','2026-02-08T13:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('part-of-a-parcel','s2','delivered',1,'w','dhl','s2',1,'2026-02-08T14:00:00.000000Z','2026-02-08T14:00:00.000000Z','2026-02-08T15:00:00.000000Z','2026-02-08T16:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('granted-not-paid','s1','delivered',1,'w','dhl','s1',1,'2026-02-16T12:00:00.000000Z','2026-02-16T12:00:00.000000Z','2026-02-16T13:00:00.000000Z','2026-02-16T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('double-payout','s1','delivered',1,'w','dhl','s1',1,'2026-02-18T12:00:00.000000Z','2026-02-18T12:00:00.000000Z','2026-02-18T13:00:00.000000Z','2026-02-18T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('one-of-two-accepted','s1','delivered',1,'w','dhl','s1',1,'2026-02-20T12:00:00.000000Z','2026-02-20T12:00:00.000000Z','2026-02-20T13:00:00.000000Z','2026-02-20T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('one-not-sent','s1','delivered',1,'w','dhl','s1',1,'2026-02-22T12:00:00.000000Z','2026-02-22T12:00:00.000000Z','2026-02-22T13:00:00.000000Z','2026-02-22T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('announced-late','s1','delivered',1,'w','dhl','s1',1,'2026-02-23T12:00:00.000000Z','2026-02-23T12:00:00.000000Z','2026-02-23T13:00:00.000000Z','2026-02-23T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('two-days','s1','dispatched',1,'w','dhl','s1',2,'2026-02-24T10:00:00.000000Z','2026-02-24T10:00:00.000000Z','2026-02-24T11:00:00.000000Z',NULL,NULL);
INSERT INTO shipments VALUES('billed-again','s1','delivered',1,'w','dhl','s1',1,'2026-02-27T12:00:00.000000Z','2026-02-27T12:00:00.000000Z','2026-02-27T13:00:00.000000Z','2026-02-27T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('v1-holds','s1','delivered',1,'north','dhl','t1',3,'2026-03-15T15:00:00.000000Z','2026-03-15T15:00:00.000000Z','2026-03-15T16:00:00.000000Z','2026-03-15T17:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('v1-parcels','s1','returned_to_sender',1,'north',NULL,NULL,3,'2026-03-25T10:00:00.000000Z','2026-03-25T10:00:00.000000Z',NULL,'2026-03-25T13:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('v1-parcels','zz','delivered',0,NULL,NULL,NULL,0,'2026-03-25T14:00:00.000000Z',NULL,NULL,'2026-03-25T14:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('v1-parcels','s2','delivered',1,'north',NULL,NULL,3,'2026-03-25T15:00:00.000000Z','2026-03-25T15:00:00.000000Z',NULL,'2026-03-25T17:00:00.000000Z','2026-03-25T16:00:00.000000Z');
INSERT INTO shipments VALUES('v1-overshipped','s1','delivered',1,'north','dhl','t1',3,'2026-03-26T10:00:00.000000Z','2026-03-26T10:00:00.000000Z','2026-03-26T11:00:00.000000Z','2026-03-26T15:00:00.000000Z',NULL);
INSERT INTO shipments VALUES('v1-overshipped','s2','dispatched',1,'north','dhl','t2',3,'2026-03-26T13:00:00.000000Z','2026-03-26T13:00:00.000000Z','2026-03-26T14:00:00.000000Z',NULL,NULL);
INSERT INTO shipments VALUES('v1-returns','s1','delivered',1,'north','dhl','t1',3,'2026-03-28T12:00:00.000000Z','2026-03-28T12:00:00.000000Z','2026-03-28T13:00:00.000000Z','2026-03-28T14:00:00.000000Z',NULL);
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
INSERT INTO steps VALUES('accept-refund',4,'planned','s1',NULL,NULL,NULL,'2026-01-12T12:00:00.000000Z','2026-11-30T16:38:30.067188Z');
INSERT INTO steps VALUES('accept-refund',5,'dispatched','s1',NULL,NULL,NULL,'2026-01-12T13:00:00.000000Z','2026-11-30T16:38:30.068616Z');
INSERT INTO steps VALUES('accept-refund',6,'delivered','s1',NULL,NULL,NULL,'2026-01-12T14:00:00.000000Z','2026-11-30T16:38:30.071347Z');
INSERT INTO steps VALUES('agreed-price',2,'planned','s1',NULL,NULL,NULL,'2026-01-14T10:00:00.000000Z','2026-11-30T16:38:30.060895Z');
INSERT INTO steps VALUES('agreed-price',3,'dispatched','s1',NULL,NULL,NULL,'2026-01-14T11:00:00.000000Z','2026-11-30T16:38:30.063238Z');
INSERT INTO steps VALUES('agreed-price',4,'delivered','s1',NULL,NULL,NULL,'2026-01-14T12:00:00.000000Z','2026-11-30T16:38:30.067302Z');
INSERT INTO steps VALUES('all-back',4,'planned','s1',NULL,NULL,NULL,'2026-01-21T12:00:00.000000Z','2026-11-30T16:38:30.089678Z');
INSERT INTO steps VALUES('all-back',5,'dispatched','s1',NULL,NULL,NULL,'2026-01-21T13:00:00.000000Z','2026-11-30T16:38:30.090905Z');
INSERT INTO steps VALUES('all-back',6,'delivered','s1',NULL,NULL,NULL,'2026-01-21T14:00:00.000000Z','2026-11-30T16:38:30.091894Z');
INSERT INTO steps VALUES('all-back',7,'return-requested',NULL,'r',NULL,'x','2026-01-21T15:00:00.000000Z','2026-11-30T16:38:30.095407Z');
INSERT INTO steps VALUES('all-back',8,'return-received',NULL,'r',NULL,NULL,'2026-01-21T16:00:00.000000Z','2026-11-30T16:38:30.096485Z');
INSERT INTO steps VALUES('all-back',9,'return-closed',NULL,'r',NULL,NULL,'2026-01-21T17:00:00.000000Z','2026-11-30T16:38:30.097371Z');
INSERT INTO steps VALUES('announced-late',4,'planned','s1',NULL,NULL,NULL,'2026-02-23T12:00:00.000000Z','2026-11-30T16:38:30.124382Z');
INSERT INTO steps VALUES('announced-late',5,'dispatched','s1',NULL,NULL,NULL,'2026-02-23T13:00:00.000000Z','2026-11-30T16:38:30.125267Z');
INSERT INTO steps VALUES('announced-late',6,'delivered','s1',NULL,NULL,NULL,'2026-02-23T14:00:00.000000Z','2026-11-30T16:38:30.127104Z');
INSERT INTO steps VALUES('announced-late',7,'return-requested',NULL,'r',NULL,'x','2026-02-23T16:00:00.000000Z','2026-11-30T16:38:30.128659Z');
INSERT INTO steps VALUES('announced-late',8,'return-closed',NULL,'r',NULL,NULL,'2026-02-23T17:00:00.000000Z','2026-11-30T16:38:30.135026Z');
INSERT INTO steps VALUES('bill-after-cancel',4,'planned','s1',NULL,NULL,NULL,'2026-01-19T12:00:00.000000Z','2026-11-30T16:38:30.089610Z');
INSERT INTO steps VALUES('bill-after-cancel',5,'dispatched','s1',NULL,NULL,NULL,'2026-01-19T13:00:00.000000Z','2026-11-30T16:38:30.090821Z');
INSERT INTO steps VALUES('bill-after-cancel',6,'lost','s1',NULL,NULL,NULL,'2026-01-19T14:00:00.000000Z','2026-11-30T16:38:30.091793Z');
INSERT INTO steps VALUES('bill-after-cancel',10,'delivered','s1',NULL,NULL,NULL,'2026-01-19T18:00:00.000000Z','2026-11-30T16:38:30.098215Z');
INSERT INTO steps VALUES('billed-again',4,'planned','s1',NULL,NULL,NULL,'2026-02-27T12:00:00.000000Z','2026-11-30T16:38:30.146463Z');
INSERT INTO steps VALUES('billed-again',5,'dispatched','s1',NULL,NULL,NULL,'2026-02-27T13:00:00.000000Z','2026-11-30T16:38:30.155030Z');
INSERT INTO steps VALUES('billed-again',6,'delivered','s1',NULL,NULL,NULL,'2026-02-27T14:00:00.000000Z','2026-11-30T16:38:30.158544Z');
INSERT INTO steps VALUES('charged-back',4,'planned','s1',NULL,NULL,NULL,'2026-01-22T12:00:00.000000Z','2026-11-30T16:38:30.095448Z');
INSERT INTO steps VALUES('charged-back',5,'dispatched','s1',NULL,NULL,NULL,'2026-01-22T13:00:00.000000Z','2026-11-30T16:38:30.096529Z');
INSERT INTO steps VALUES('charged-back',6,'delivered','s1',NULL,NULL,NULL,'2026-01-22T14:00:00.000000Z','2026-11-30T16:38:30.097428Z');
INSERT INTO steps VALUES('dashboard-refund',4,'planned','s1',NULL,NULL,NULL,'2026-01-13T12:00:00.000000Z','2026-11-30T16:38:30.067222Z');
INSERT INTO steps VALUES('dashboard-refund',5,'dispatched','s1',NULL,NULL,NULL,'2026-01-13T13:00:00.000000Z','2026-11-30T16:38:30.068656Z');
INSERT INTO steps VALUES('dashboard-refund',6,'delivered','s1',NULL,NULL,NULL,'2026-01-13T14:00:00.000000Z','2026-11-30T16:38:30.071401Z');
INSERT INTO steps VALUES('declined-refund-paid-again',4,'planned','s1',NULL,NULL,NULL,'2026-01-18T12:00:00.000000Z','2026-11-30T16:38:30.080519Z');
INSERT INTO steps VALUES('declined-refund-paid-again',5,'dispatched','s1',NULL,NULL,NULL,'2026-01-18T13:00:00.000000Z','2026-11-30T16:38:30.086932Z');
INSERT INTO steps VALUES('declined-refund-paid-again',6,'delivered','s1',NULL,NULL,NULL,'2026-01-18T14:00:00.000000Z','2026-11-30T16:38:30.088511Z');
INSERT INTO steps VALUES('double-payout',4,'planned','s1',NULL,NULL,NULL,'2026-02-18T12:00:00.000000Z','2026-11-30T16:38:30.123035Z');
INSERT INTO steps VALUES('double-payout',5,'dispatched','s1',NULL,NULL,NULL,'2026-02-18T13:00:00.000000Z','2026-11-30T16:38:30.124224Z');
INSERT INTO steps VALUES('double-payout',6,'delivered','s1',NULL,NULL,NULL,'2026-02-18T14:00:00.000000Z','2026-11-30T16:38:30.125142Z');
INSERT INTO steps VALUES('granted-not-paid',4,'planned','s1',NULL,NULL,NULL,'2026-02-16T12:00:00.000000Z','2026-11-30T16:38:30.123000Z');
INSERT INTO steps VALUES('granted-not-paid',5,'dispatched','s1',NULL,NULL,NULL,'2026-02-16T13:00:00.000000Z','2026-11-30T16:38:30.124187Z');
INSERT INTO steps VALUES('granted-not-paid',6,'delivered','s1',NULL,NULL,NULL,'2026-02-16T14:00:00.000000Z','2026-11-30T16:38:30.125096Z');
INSERT INTO steps VALUES('one-not-sent',4,'planned','s1',NULL,NULL,NULL,'2026-02-22T12:00:00.000000Z','2026-11-30T16:38:30.123131Z');
INSERT INTO steps VALUES('one-not-sent',5,'dispatched','s1',NULL,NULL,NULL,'2026-02-22T13:00:00.000000Z','2026-11-30T16:38:30.124351Z');
INSERT INTO steps VALUES('one-not-sent',6,'delivered','s1',NULL,NULL,NULL,'2026-02-22T14:00:00.000000Z','2026-11-30T16:38:30.125234Z');
INSERT INTO steps VALUES('one-of-two-accepted',4,'planned','s1',NULL,NULL,NULL,'2026-02-20T12:00:00.000000Z','2026-11-30T16:38:30.123065Z');
INSERT INTO steps VALUES('one-of-two-accepted',5,'dispatched','s1',NULL,NULL,NULL,'2026-02-20T13:00:00.000000Z','2026-11-30T16:38:30.124257Z');
INSERT INTO steps VALUES('one-of-two-accepted',6,'delivered','s1',NULL,NULL,NULL,'2026-02-20T14:00:00.000000Z','2026-11-30T16:38:30.125191Z');
INSERT INTO steps VALUES('part-of-a-parcel',2,'planned','s1',NULL,NULL,NULL,'2026-02-08T10:00:00.000000Z','2026-11-30T16:38:30.116103Z');
INSERT INTO steps VALUES('part-of-a-parcel',3,'dispatched','s1',NULL,NULL,NULL,'2026-02-08T11:00:00.000000Z','2026-11-30T16:38:30.119016Z');
INSERT INTO steps VALUES('part-of-a-parcel',4,'lost','s1',NULL,NULL,NULL,'2026-02-08T13:00:00.000000Z','2026-11-30T16:38:30.122958Z');
INSERT INTO steps VALUES('part-of-a-parcel',5,'planned','s2',NULL,NULL,NULL,'2026-02-08T14:00:00.000000Z','2026-11-30T16:38:30.124138Z');
INSERT INTO steps VALUES('part-of-a-parcel',6,'dispatched','s2',NULL,NULL,NULL,'2026-02-08T15:00:00.000000Z','2026-11-30T16:38:30.125047Z');
INSERT INTO steps VALUES('part-of-a-parcel',7,'delivered','s2',NULL,NULL,NULL,'2026-02-08T16:00:00.000000Z','2026-11-30T16:38:30.126913Z');
INSERT INTO steps VALUES('replacement',4,'planned','s1',NULL,NULL,NULL,'2026-01-20T12:00:00.000000Z','2026-11-30T16:38:30.089647Z');
INSERT INTO steps VALUES('replacement',5,'dispatched','s1',NULL,NULL,NULL,'2026-01-20T13:00:00.000000Z','2026-11-30T16:38:30.090869Z');
INSERT INTO steps VALUES('replacement',6,'delivered','s1',NULL,NULL,NULL,'2026-01-20T14:00:00.000000Z','2026-11-30T16:38:30.091849Z');
INSERT INTO steps VALUES('replacement',7,'return-requested',NULL,'r',NULL,'broken','2026-01-20T15:00:00.000000Z','2026-11-30T16:38:30.095359Z');
INSERT INTO steps VALUES('replacement',8,'return-received',NULL,'r',NULL,NULL,'2026-01-20T16:00:00.000000Z','2026-11-30T16:38:30.096433Z');
INSERT INTO steps VALUES('replacement',9,'return-closed',NULL,'r',NULL,NULL,'2026-01-20T17:00:00.000000Z','2026-11-30T16:38:30.097327Z');
INSERT INTO steps VALUES('replacement',10,'delivered','s2',NULL,NULL,NULL,'2026-01-20T08:00:00.000000Z','2026-11-30T16:38:30.098356Z');
INSERT INTO steps VALUES('two-days',2,'planned','s1',NULL,NULL,NULL,'2026-02-24T10:00:00.000000Z','2026-11-30T16:38:30.125301Z');
INSERT INTO steps VALUES('two-days',3,'dispatched','s1',NULL,NULL,NULL,'2026-02-24T11:00:00.000000Z','2026-11-30T16:38:30.127141Z');
INSERT INTO steps VALUES('unannounced-return',4,'planned','s1',NULL,NULL,NULL,'2026-02-07T12:00:00.000000Z','2026-11-30T16:38:30.122868Z');
INSERT INTO steps VALUES('unannounced-return',5,'dispatched','s1',NULL,NULL,NULL,'2026-02-07T13:00:00.000000Z','2026-11-30T16:38:30.124016Z');
INSERT INTO steps VALUES('unannounced-return',6,'delivered','s1',NULL,NULL,NULL,'2026-02-07T14:00:00.000000Z','2026-11-30T16:38:30.124985Z');
INSERT INTO steps VALUES('v1-holds',7,'planned','s1',NULL,NULL,NULL,'2026-03-15T15:00:00.000000Z','2026-11-30T16:38:30.169413Z');
INSERT INTO steps VALUES('v1-holds',8,'dispatched','s1',NULL,NULL,NULL,'2026-03-15T16:00:00.000000Z','2026-11-30T16:38:30.178870Z');
INSERT INTO steps VALUES('v1-holds',9,'delivered','s1',NULL,NULL,NULL,'2026-03-15T17:00:00.000000Z','2026-11-30T16:38:30.179915Z');
INSERT INTO steps VALUES('v1-overshipped',2,'planned','s1',NULL,NULL,NULL,'2026-03-26T10:00:00.000000Z','2026-11-30T16:38:30.180219Z');
INSERT INTO steps VALUES('v1-overshipped',3,'dispatched','s1',NULL,NULL,NULL,'2026-03-26T11:00:00.000000Z','2026-11-30T16:38:30.181279Z');
INSERT INTO steps VALUES('v1-overshipped',4,'lost','s1',NULL,NULL,NULL,'2026-03-26T12:00:00.000000Z','2026-11-30T16:38:30.187159Z');
INSERT INTO steps VALUES('v1-overshipped',5,'planned','s2',NULL,NULL,NULL,'2026-03-26T13:00:00.000000Z','2026-11-30T16:38:30.188157Z');
INSERT INTO steps VALUES('v1-overshipped',6,'dispatched','s2',NULL,NULL,NULL,'2026-03-26T14:00:00.000000Z','2026-11-30T16:38:30.189072Z');
INSERT INTO steps VALUES('v1-overshipped',7,'delivered','s1',NULL,'found',NULL,'2026-03-26T15:00:00.000000Z','2026-11-30T16:38:30.189936Z');
INSERT INTO steps VALUES('v1-parcels',2,'planned','s1',NULL,NULL,NULL,'2026-03-25T10:00:00.000000Z','2026-11-30T16:38:30.180183Z');
INSERT INTO steps VALUES('v1-parcels',3,'delivered','s1',NULL,NULL,NULL,'2026-03-25T11:00:00.000000Z','2026-11-30T16:38:30.181232Z');
INSERT INTO steps VALUES('v1-parcels',5,'lost','s1',NULL,NULL,NULL,'2026-03-25T12:00:00.000000Z','2026-11-30T16:38:30.187095Z');
INSERT INTO steps VALUES('v1-parcels',7,'returned_to_sender','s1',NULL,'e2',NULL,'2026-03-25T13:00:00.000000Z','2026-11-30T16:38:30.188097Z');
INSERT INTO steps VALUES('v1-parcels',9,'delivered','zz',NULL,NULL,NULL,'2026-03-25T14:00:00.000000Z','2026-11-30T16:38:30.189023Z');
INSERT INTO steps VALUES('v1-parcels',11,'planned','s2',NULL,NULL,NULL,'2026-03-25T15:00:00.000000Z','2026-11-30T16:38:30.189851Z');
INSERT INTO steps VALUES('v1-parcels',12,'cancelled','s2',NULL,NULL,'x','2026-03-25T16:00:00.000000Z','2026-11-30T16:38:30.190607Z');
INSERT INTO steps VALUES('v1-parcels',13,'delivered','s2',NULL,NULL,NULL,'2026-03-25T17:00:00.000000Z','2026-11-30T16:38:30.191219Z');
INSERT INTO steps VALUES('v1-returns',4,'planned','s1',NULL,NULL,NULL,'2026-03-28T12:00:00.000000Z','2026-11-30T16:38:30.189993Z');
INSERT INTO steps VALUES('v1-returns',5,'dispatched','s1',NULL,NULL,NULL,'2026-03-28T13:00:00.000000Z','2026-11-30T16:38:30.190667Z');
INSERT INTO steps VALUES('v1-returns',6,'delivered','s1',NULL,NULL,NULL,'2026-03-28T14:00:00.000000Z','2026-11-30T16:38:30.191290Z');
INSERT INTO steps VALUES('v1-returns',7,'return-requested',NULL,'t1',NULL,'big','2026-03-28T15:00:00.000000Z','2026-11-30T16:38:30.191799Z');
INSERT INTO steps VALUES('v1-returns',8,'return-received',NULL,'t1',NULL,NULL,'2026-03-28T16:00:00.000000Z','2026-11-30T16:38:30.192219Z');
INSERT INTO steps VALUES('v1-returns',9,'return-closed',NULL,'t1',NULL,NULL,'2026-03-28T17:00:00.000000Z','2026-11-30T16:38:30.192642Z');
INSERT INTO steps VALUES('v1-returns',10,'return-requested',NULL,'t2',NULL,'big','2026-03-28T18:00:00.000000Z','2026-11-30T16:38:30.193018Z');
INSERT INTO steps VALUES('v1-returns',11,'return-declined',NULL,'t2',NULL,'late','2026-03-28T19:00:00.000000Z','2026-11-30T16:38:30.193390Z');
CREATE INDEX shipments_reported_at ON shipments (reported_at, order_id, shipment_id, state, carrier, location);
CREATE INDEX shipments_shipment_id ON shipments (shipment_id);
CREATE INDEX shipments_tracking ON shipments (tracking);
COMMIT;
