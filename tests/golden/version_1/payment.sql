PRAGMA application_id = 1147224697;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE generation (model TEXT NOT NULL) STRICT;
INSERT INTO generation VALUES('payment');
CREATE TABLE views (
	order_id TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	"view" TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (order_id)
)
 STRICT

;
INSERT INTO views VALUES('discount-cancel',4,'{"order_id":"discount-cancel","money":{"currency":"EUR","prices_cents":[10000,10000],"goods_cents":20000,"shipping_cents":0,"tax_cents":2000,"discount_cents":10000,"total_cents":12000,"payments":{"p1":{"method":"card","authorized_cents":12000,"captured_cents":12000}},"refunds":{},"cancelled_goods_cents":10000,"captured_cents":12000},"reported":{"p1":"2026-01-01T09:00:00.000000Z"},"payments":1,"authorized_cents":12000,"captures":1}','d5ac7f9cd0ab0b198a661c39488be17d98fafbcc4086fab118bd9aefc610cab8');
INSERT INTO views VALUES('half-price-cancel',6,'{"order_id":"half-price-cancel","money":{"currency":"EUR","prices_cents":[50],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":50,"total_cents":50,"payments":{"p1":{"method":"card","authorized_cents":50,"captured_cents":50,"refunded_cents":25}},"refunds":{"g":{"granted":true,"granted_cents":25,"paid_out_cents":25,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":25}]}},"cancelled_goods_cents":50,"captured_cents":50,"refunded_cents":25,"claimed_refunds_cents":25},"reported":{"p1":"2026-01-07T09:00:00.000000Z"},"payments":1,"authorized_cents":50,"captures":1}','6562ea358df86a3ef12fd91b23d40cdd26041794397dbb33f01a4ab747176f30');
INSERT INTO views VALUES('failure-without-payout',6,'{"order_id":"failure-without-payout","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{"g":{"granted":true,"granted_cents":100,"allowance_cents":100,"failures":[{"payment_id":null,"payout_id":null}]}},"captured_cents":100,"open_refunds_cents":100,"claimed_refunds_cents":100,"allowed_refunds_cents":100},"reported":{"p1":"2026-01-08T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','ba577ca2e31cd3dd60e6f99b2982fc02fa9a9af93bae46385bd0abebfe0996fe');
INSERT INTO views VALUES('payout-before-grant',8,'{"order_id":"payout-before-grant","money":{"currency":"EUR","prices_cents":[50],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":50}},"refunds":{"g":{"granted":true,"granted_cents":50,"allowance_cents":50,"paid_out_cents":50,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":50}]}},"cancelled_goods_cents":50,"captured_cents":100,"refunded_cents":50,"claimed_refunds_cents":50,"allowed_refunds_cents":50},"reported":{"p1":"2026-01-09T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":2}','4d10b41682c11c95916f5159f9bdb8de1a2e850f179da7cc2ed08c01c28dfa15');
INSERT INTO views VALUES('double-charge',8,'{"order_id":"double-charge","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100},"p2":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":100}},"refunds":{"g":{"paid_out_cents":100,"payouts":[{"payment_id":"p2","payout_id":"o1","amount_cents":100}]}},"captured_cents":200,"refunded_cents":100,"claimed_refunds_cents":100},"reported":{"p1":"2026-01-10T09:00:00.000000Z","p2":"2026-01-10T13:00:00.000000Z"},"payments":2,"authorized_cents":200,"captures":2,"anomalies":2}','ca863683a0c70f76901cd67495379e7cd8109860701ff84c896ad8d192a7703e');
INSERT INTO views VALUES('revoke-takes-credit-first',6,'{"order_id":"revoke-takes-credit-first","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":120,"captured_cents":120,"refunded_cents":20}},"refunds":{"g":{"granted":true,"granted_cents":60,"allowance_cents":40,"revoked_cents":40,"paid_out_cents":20,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":20}]}},"captured_cents":120,"refunded_cents":20,"claimed_refunds_cents":20,"allowed_refunds_cents":20},"reported":{"p1":"2026-01-11T09:00:00.000000Z"},"payments":1,"authorized_cents":120,"captures":1}','e38839f7b042ba6ab7f17410c2054ebdf57631dec25005c3ff880dbf203822ff');
INSERT INTO views VALUES('accept-refund',10,'{"order_id":"accept-refund","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":100}},"refunds":{"g":{"granted":true,"granted_cents":100,"allowance_cents":100,"revoked_cents":100,"paid_out_cents":100,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":100}]}},"captured_cents":100,"refunded_cents":100,"claimed_refunds_cents":100},"reported":{"p1":"2026-01-12T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":1}','cd69bbaca3713260485f5dd71ca7a7f61d9df0328b4817d75eaa5e911e631216');
INSERT INTO views VALUES('dashboard-refund',8,'{"order_id":"dashboard-refund","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":30}},"refunds":{"o1":{"paid_out_cents":30,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":30}]}},"captured_cents":100,"refunded_cents":30,"claimed_refunds_cents":30},"reported":{"p1":"2026-01-13T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":1}','c375be5b12611937a8c61167badaa765f7fd60e39ef53352b46c7f3a8b293977');
INSERT INTO views VALUES('agreed-price',6,'{"order_id":"agreed-price","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":80,"captured_cents":80}},"refunds":{},"captured_cents":80},"reported":{"p1":"2026-01-14T14:00:00.000000Z"},"payments":1,"authorized_cents":80,"captures":1}','b29ee4c2cabc587c9899b85b28e1e18a83f180209f3f124fb1841b2b145723c5');
INSERT INTO views VALUES('write-off',2,'{"order_id":"write-off","money":{"currency":"EUR","prices_cents":[1000],"goods_cents":1000,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":1000,"payments":{"p1":{"method":"card","authorized_cents":999,"captured_cents":999}},"refunds":{},"captured_cents":999},"reported":{"p1":"2026-01-15T09:00:00.000000Z"},"payments":1,"authorized_cents":999,"captures":1}','683c5eb7fe57c157ecfd42d3d3dafc054a4aea1f9a0b7f770b23a2b5542e7678');
INSERT INTO views VALUES('tip',2,'{"order_id":"tip","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":120,"captured_cents":120}},"refunds":{},"captured_cents":120},"reported":{"p1":"2026-01-16T09:00:00.000000Z"},"payments":1,"authorized_cents":120,"captures":1}','20e5c049bbd2c71e789f17c2c170e5d36eadff9016c01a5a12db802566aff54e');
INSERT INTO views VALUES('revoked-adjustment',2,'{"order_id":"revoked-adjustment","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-01-17T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','be0a2a3634f752b5e67b7132c53036ef137c85555ab3168d5d634dd9414dfb38');
INSERT INTO views VALUES('declined-refund-paid-again',10,'{"order_id":"declined-refund-paid-again","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":100},"p2":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{"g":{"granted":true,"granted_cents":100,"allowance_cents":100,"paid_out_cents":100,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":100}]}},"captured_cents":200,"refunded_cents":100,"claimed_refunds_cents":100,"allowed_refunds_cents":100},"reported":{"p1":"2026-01-18T09:00:00.000000Z","p2":"2026-01-18T18:00:00.000000Z"},"payments":2,"authorized_cents":200,"captures":2}','9625dbd8dfc8ca19047ba2b69914b3fde965600f9402e374e8080096658c1104');
INSERT INTO views VALUES('bill-after-cancel',16,'{"order_id":"bill-after-cancel","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":100},"p2":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{"g":{"granted":true,"granted_cents":100,"paid_out_cents":100,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":100}]}},"cancelled":true,"captured_cents":200,"refunded_cents":100,"claimed_refunds_cents":100},"reported":{"p1":"2026-01-19T09:00:00.000000Z","p2":"2026-01-19T08:00:00.000000Z"},"payments":2,"authorized_cents":200,"captures":2,"anomalies":4}','9bf169e1634a436a7d308edc020a2b84b06f87330633f621650400f9c3cc5366');
INSERT INTO views VALUES('replacement',11,'{"order_id":"replacement","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-01-20T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":1}','bf83372e7919617427c2d3e837f232cba5f7334ef18407b25487c1f197a66917');
INSERT INTO views VALUES('all-back',11,'{"order_id":"all-back","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":10,"tax_cents":0,"discount_cents":0,"total_cents":110,"payments":{"p1":{"method":"card","authorized_cents":110,"captured_cents":110,"refunded_cents":110}},"refunds":{"g":{"granted":true,"granted_cents":110,"allowance_cents":110,"paid_out_cents":110,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":110}]}},"captured_cents":110,"refunded_cents":110,"claimed_refunds_cents":110,"allowed_refunds_cents":110},"reported":{"p1":"2026-01-21T09:00:00.000000Z"},"payments":1,"authorized_cents":110,"captures":1}','0f609ff33a38b709e9893a49d213cf68f763be2a02a7de03c7d1bc5eef1cf445');
INSERT INTO views VALUES('charged-back',7,'{"order_id":"charged-back","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"charged_back_cents":100,"chargebacks":{"b":{"amount_cents":100}}}},"refunds":{},"captured_cents":100,"charged_back_cents":100},"reported":{"p1":"2026-01-22T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','58a401ab50108ac85d13456e6ee848bfbb7a87a7820c488f2d32039ae47ad08d');
INSERT INTO views VALUES('declined-then-paid',4,'{"order_id":"declined-then-paid","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"failed":true}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-01-23T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":1}','9d6725c7ca394734d4a76af40d7b2a82f82a5fa334a52418beedda8fe796848d');
INSERT INTO views VALUES('declined',1,'{"order_id":"declined","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"failed":true}},"refunds":{}},"reported":{"p1":"2026-01-24T09:00:00.000000Z"},"payments":1}','e786a3bf7bbb629fa6028bd452604a42785bcbe16cb90ca08fc1d9d4743351f3');
INSERT INTO views VALUES('bank-transfer',0,'{"order_id":"bank-transfer","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{},"refunds":{}}}','35931e8636de2e284c149c47653ef2771ccf9d31964de97d102df947732d59fd');
INSERT INTO views VALUES('capture-first',3,'{"order_id":"capture-first","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-01-26T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":1}','0c4791734243b004bcc105b0a70bc4ad8cfa73e08ae72064d23a5ae4f363b74e');
INSERT INTO views VALUES('explained',3,'{"order_id":"explained","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":60,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-01-27T09:00:00.000000Z"},"payments":1,"authorized_cents":60,"captures":1,"anomalies":1}','3fe78a256f3c2d7106156a823103bef3d38b40c3e8c6eadc43e83f9f371472cb');
INSERT INTO views VALUES('won-then-lost',3,'{"order_id":"won-then-lost","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-01-28T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','108192560efc6fe76c3a84dbf718f892178e34d66af783aea54b6e49fb552626');
INSERT INTO views VALUES('won-then-told-again',5,'{"order_id":"won-then-told-again","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"chargebacks":{"d":{"amount_cents":100,"reversed":true}}}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-02-01T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','9c010ab35bb9805768ab99fa7751f1b7ff68d8b22707195c514f38a22fb206e4');
INSERT INTO views VALUES('renewed',4,'{"order_id":"renewed","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"expired":true}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-02-02T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":1}','3c16203e93364a756e5e571489336ce731e5adc9d24cba691940a5d3a62a83ba');
INSERT INTO views VALUES('store-credit',4,'{"order_id":"store-credit","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{"r":{"granted":true,"granted_cents":100}},"cancelled":true,"captured_cents":100,"open_refunds_cents":100,"claimed_refunds_cents":100},"reported":{"p1":"2026-02-03T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','16d4fe50a0cd143580870e596514f8209a02644beec717840da3c008a15fb5f7');
INSERT INTO views VALUES('fee',2,'{"order_id":"fee","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-02-04T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','417a55c4e3f4d22af3bb02c4ad9a2b4c600ca954fb51d606ea8181f0d031e236');
INSERT INTO views VALUES('mistyped',4,'{"order_id":"mistyped","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":1000}},"refunds":{},"captured_cents":1000},"reported":{"p1":"2026-02-05T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":2}','abf318e5bb19f2148b4a4e8d6780613ac41847f2ce5226767b2dfb4010f1dc7c');
INSERT INTO views VALUES('other-currency',0,'{"order_id":"other-currency","money":{"currency":"EUR","prices_cents":[1000],"goods_cents":1000,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":1000,"payments":{},"refunds":{}}}','c727d6d998cbf92a25f9c5071bed1ddab3508571b3af83b6083e3fd9b42a8133');
INSERT INTO views VALUES('unannounced-return',6,'{"order_id":"unannounced-return","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-02-07T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','de52fec2e6f62d332a66d69b8b295f0842f994ad4f19701fabd9b2315b35ac8b');
INSERT INTO views VALUES('part-of-a-parcel',7,'{"order_id":"part-of-a-parcel","money":{"currency":"EUR","prices_cents":[50],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{},"refunds":{}}}','1db5b538582ddc0fc1c8e6295eb99238f2e3dc94f7be6d8022461bcc32172e65');
INSERT INTO views VALUES('nothing-due',0,'{"order_id":"nothing-due","money":{"currency":"EUR","prices_cents":[1000],"goods_cents":1000,"shipping_cents":0,"tax_cents":0,"discount_cents":1000,"total_cents":0,"payments":{},"refunds":{}}}','3d44eb7c0b4167f82e2ba873c459133bd9290f9448b2753f6140eefa19b60104');
INSERT INTO views VALUES('add-items',0,'{"order_id":"add-items","money":{"currency":"EUR","prices_cents":[1000],"goods_cents":1000,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":1000,"payments":{},"refunds":{}}}','5df5c224c06dab19edfba50e717d732f86f0aec9aa820ef8cd2de5c2ca7f95e8');
INSERT INTO views VALUES('granted-not-paid',7,'{"order_id":"granted-not-paid","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{"g":{"granted":true,"granted_cents":20,"allowance_cents":20}},"captured_cents":100,"open_refunds_cents":20,"claimed_refunds_cents":20,"allowed_refunds_cents":20},"reported":{"p1":"2026-02-16T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','ec27f73fed08ae4db1b7fb98fe795193788d5e544afef8b1a1b05ed64700861b');
INSERT INTO views VALUES('double-payout',11,'{"order_id":"double-payout","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":200}},"refunds":{"g":{"granted":true,"granted_cents":100,"allowance_cents":100,"paid_out_cents":100,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":100}]},"o2":{"paid_out_cents":100,"payouts":[{"payment_id":"p1","payout_id":"o2","amount_cents":100}]}},"captured_cents":100,"refunded_cents":200,"claimed_refunds_cents":200,"allowed_refunds_cents":100},"reported":{"p1":"2026-02-18T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":2}','22d7e925d4267ec141b53ada9323e805adfdc1f8e3169c6d9da5b661978b33df');
INSERT INTO views VALUES('one-of-two-accepted',11,'{"order_id":"one-of-two-accepted","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":90}},"refunds":{"g":{"granted":true,"granted_cents":20,"allowance_cents":20,"paid_out_cents":90,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":50},{"payment_id":"p1","payout_id":"o2","amount_cents":40}]}},"captured_cents":100,"refunded_cents":90,"claimed_refunds_cents":90,"allowed_refunds_cents":20},"reported":{"p1":"2026-02-20T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1,"anomalies":2}','14cdaae6697e635be58cc160ab9590ab1e97c712f5381303bc3918af70abd188');
INSERT INTO views VALUES('refund-then-cancel',5,'{"order_id":"refund-then-cancel","money":{"currency":"EUR","prices_cents":[50],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":50}},"refunds":{"g":{"granted":true,"granted_cents":50,"allowance_cents":50,"paid_out_cents":50,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":50}]}},"captured_cents":100,"refunded_cents":50,"claimed_refunds_cents":50,"allowed_refunds_cents":50},"reported":{"p1":"2026-02-21T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','c3f6fdef8d057218047ca0d954eeb2b31115559c481b76d4d0f8dc29ae56a6eb');
INSERT INTO views VALUES('one-not-sent',6,'{"order_id":"one-not-sent","money":{"currency":"EUR","prices_cents":[50],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-02-22T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','fe5319effaa2b06019ec19126dd4f0b6a41231301f3c9916cdf4c3ce5de18337');
INSERT INTO views VALUES('announced-late',8,'{"order_id":"announced-late","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-02-23T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','55a259744a3726721ab2fde79ad85de26d2c3e14a92d624361076eb5b4ef5865');
INSERT INTO views VALUES('two-days',3,'{"order_id":"two-days","money":{"currency":"EUR","prices_cents":[50,50],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{},"refunds":{}}}','6a5b910aff9a548bed4551f45b35cb4f4f16d84d56a15058a26fed78fee8fc07');
INSERT INTO views VALUES('told-twice',1,'{"order_id":"told-twice","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{},"refunds":{}}}','c5dfda684320f79ef556797b3f331d4dcf3f95cf1073f53cabd0371aebd4c2ec');
INSERT INTO views VALUES('late-capture-refunded',11,'{"order_id":"late-capture-refunded","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":100},"p2":{"method":"card","authorized_cents":50,"captured_cents":50,"refunded_cents":50}},"refunds":{"g":{"granted":true,"granted_cents":150,"paid_out_cents":150,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":100},{"payment_id":"p2","payout_id":"o2","amount_cents":50}]}},"cancelled":true,"captured_cents":150,"refunded_cents":150,"claimed_refunds_cents":150},"reported":{"p1":"2026-02-26T09:00:00.000000Z","p2":"2026-02-26T13:00:00.000000Z"},"payments":2,"authorized_cents":150,"captures":2,"anomalies":2}','0706c69c8a73286274fa2176c04760632eeea120cdd5588b3bca8b465475360b');
INSERT INTO views VALUES('billed-again',8,'{"order_id":"billed-again","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":100,"captured_cents":100,"refunded_cents":100}},"refunds":{"g":{"granted":true,"granted_cents":100,"allowance_cents":100,"paid_out_cents":100,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":100}]}},"captured_cents":100,"refunded_cents":100,"claimed_refunds_cents":100,"allowed_refunds_cents":100},"reported":{"p1":"2026-02-27T09:00:00.000000Z"},"payments":1,"authorized_cents":100,"captures":1}','a4d36f74955ad30412e8a3ac8e23adf46d0173a30fcb7671a4d611e250df7f79');
INSERT INTO views VALUES('fee-after-cancel',1,'{"order_id":"fee-after-cancel","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{},"refunds":{},"cancelled":true}}','cba405f5e1552757172d40d6ecf470d1dc5e36bdf72804354e52239cb37baa4e');
INSERT INTO views VALUES('rest-expires',3,'{"order_id":"rest-expires","money":{"currency":"EUR","prices_cents":[100],"goods_cents":100,"shipping_cents":0,"tax_cents":0,"discount_cents":0,"total_cents":100,"payments":{"p1":{"method":"card","authorized_cents":150,"captured_cents":100,"expired":true}},"refunds":{},"captured_cents":100},"reported":{"p1":"2026-03-01T09:00:00.000000Z"},"payments":1,"authorized_cents":150,"captures":1}','a478181215d08b0a41504df856cb5223ff397308331fdb96f47142c7ff031016');
INSERT INTO views VALUES('cancel-what-was-refunded',5,'{"order_id":"cancel-what-was-refunded","money":{"currency":"EUR","prices_cents":[100,100],"goods_cents":200,"shipping_cents":20,"tax_cents":0,"discount_cents":0,"total_cents":220,"payments":{"p1":{"method":"card","authorized_cents":220,"captured_cents":220,"refunded_cents":100}},"refunds":{"g":{"granted":true,"granted_cents":100,"allowance_cents":100,"paid_out_cents":100,"payouts":[{"payment_id":"p1","payout_id":"o1","amount_cents":100}]}},"captured_cents":220,"refunded_cents":100,"claimed_refunds_cents":100,"allowed_refunds_cents":100},"reported":{"p1":"2026-03-02T09:00:00.000000Z"},"payments":1,"authorized_cents":220,"captures":1}','5340619e89043df2965c2f3e7711ad6553a88071bfd8292022c92fa73fce559f');
INSERT INTO views VALUES('v1-holds',9,'{"order_id":"v1-holds","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":6590}},"refunds":{},"captured_cents":6590},"reported":{"p1":"2026-03-15T13:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1}','1f2c7f988198b28f2b1eb3e29b66286bb349ffd7f9838a6ea8f4c09d547a9be3');
INSERT INTO views VALUES('v1-currency',6,'{"order_id":"v1-currency","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":6590}},"refunds":{},"captured_cents":6590},"reported":{"p1":"2026-03-16T09:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1,"anomalies":2}','1bb7f970ac018bc2f9a4c262089f29a650898b3ffb585977b30354798d0610d9');
INSERT INTO views VALUES('v1-capture',5,'{"order_id":"v1-capture","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":1000,"captured_cents":2000,"voided_cents":10}},"refunds":{},"captured_cents":2000},"reported":{"p1":"2026-03-17T09:00:00.000000Z"},"payments":1,"authorized_cents":1000,"captures":1,"anomalies":2}','d43f42f8d6e21ddef8bf1e8a3920b345a0b0cd94c7c1a543ecf469a7dab0d7fe');
INSERT INTO views VALUES('v1-void',4,'{"order_id":"v1-void","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":1000,"captured_cents":500,"voided_cents":1000}},"refunds":{},"captured_cents":500},"reported":{"p1":"2026-03-18T09:00:00.000000Z"},"payments":1,"authorized_cents":1000,"captures":1,"anomalies":1}','ac02ceaeb069d146f222622e6afbf366510e3e3550c6c585228c7dd332507dc4');
INSERT INTO views VALUES('v1-expired',4,'{"order_id":"v1-expired","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":1000,"captured_cents":500,"expired":true}},"refunds":{},"captured_cents":500},"reported":{"p1":"2026-03-19T09:00:00.000000Z"},"payments":1,"authorized_cents":1000,"captures":1,"anomalies":1}','b5774203534a74b6fd80bd136164912a7091f95bb86b8fa15a640ee0a501b1f1');
INSERT INTO views VALUES('v1-failed',4,'{"order_id":"v1-failed","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":1000,"captured_cents":500,"failed":true}},"refunds":{},"captured_cents":500},"reported":{"p1":"2026-03-20T09:00:00.000000Z"},"payments":1,"authorized_cents":1000,"captures":1,"anomalies":1}','22949b0277b13f7bcb9c43c0e14618dc6a5e066f067726b658a5e298d4f660b5');
INSERT INTO views VALUES('v1-cancelled',6,'{"order_id":"v1-cancelled","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":100},"p2":{"method":"card","authorized_cents":500}},"refunds":{},"authorized_payments":2,"cancelled":true,"captured_cents":100},"reported":{"p1":"2026-03-21T09:00:00.000000Z","p2":"2026-03-21T12:00:00.000000Z"},"payments":2,"authorized_cents":7090,"captures":1,"anomalies":2}','bd384a11b8f1e16bd3b587157029ca75e2d9241eff87f03badafe9e83e767b9d');
INSERT INTO views VALUES('v1-payout',9,'{"order_id":"v1-payout","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":1000,"refunded_cents":2010}},"refunds":{"r1":{"paid_out_cents":2000,"payouts":[{"payment_id":"p1","payout_id":"r1","amount_cents":2000}]},"nobody":{"paid_out_cents":10,"payouts":[{"payment_id":"p1","payout_id":"r2","amount_cents":10}]}},"authorized_payments":1,"captured_cents":1000,"refunded_cents":2010,"claimed_refunds_cents":2010},"reported":{"p1":"2026-03-22T09:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1,"anomalies":5}','c2483d68025128705ab5014d95e4c0e5b0de02e313063c40d5b5283573eec5df');
INSERT INTO views VALUES('v1-refund',7,'{"order_id":"v1-refund","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":6590}},"refunds":{"r1":{"granted":true,"granted_cents":1000,"allowance_cents":1000,"failures":[{"payment_id":null,"payout_id":null}]},"r2":{"granted":true,"granted_cents":500,"allowance_cents":500,"revoked_cents":500}},"captured_cents":6590,"open_refunds_cents":1000,"claimed_refunds_cents":1000,"allowed_refunds_cents":1000},"reported":{"p1":"2026-03-23T09:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1}','73c56ec15635b5d7927f6d1389836b2fc455cf8bbf17928127d4a15896bfb953');
INSERT INTO views VALUES('v1-dispute',8,'{"order_id":"v1-dispute","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":6590,"charged_back_cents":9000,"chargebacks":{"b1":{"amount_cents":6590,"reversed":true},"b2":{"amount_cents":9000},"b3":{"reversed":true}}}},"refunds":{},"captured_cents":6590,"charged_back_cents":9000},"reported":{"p1":"2026-03-24T09:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1,"anomalies":2}','d45b3ead1cf1436d647a8725d187f75b9375fcacd4e4215b4dee20874dbe2821');
INSERT INTO views VALUES('v1-parcels',14,'{"order_id":"v1-parcels","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{},"refunds":{}},"anomalies":5}','5b2270ac66d6a8c76a22757e24b4ccc13ac1dae51acf12ae59940f8ae5d7b7b3');
INSERT INTO views VALUES('v1-overshipped',9,'{"order_id":"v1-overshipped","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{},"refunds":{}},"anomalies":2}','51f75e53f845213a094dc5b5523f48725219a885c0faa6866e09f41b19e29b0a');
INSERT INTO views VALUES('v1-contradiction',4,'{"order_id":"v1-contradiction","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":5}},"refunds":{},"authorized_payments":1,"captured_cents":5},"reported":{"p1":"2026-03-27T09:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1,"anomalies":2}','732116c096fd447cf138cbbe5b21492d8cdbe1717630e514cd18999e9390988e');
INSERT INTO views VALUES('v1-returns',11,'{"order_id":"v1-returns","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":6590}},"refunds":{},"captured_cents":6590},"reported":{"p1":"2026-03-28T10:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1}','15f61c761d446679233e8ffb563c8c596c6736662ac34104838497a5e474912f');
INSERT INTO views VALUES('v1-cancel-items',4,'{"order_id":"v1-cancel-items","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":6590}},"refunds":{},"cancelled_goods_cents":2000,"captured_cents":6590},"reported":{"p1":"2026-04-01T09:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1}','b3893c44e97bc6e10a84fc6e1dfbe20e7bf4e9407fe76254ed668de5e189ed1c');
INSERT INTO views VALUES('v1-failed-payouts',5,'{"order_id":"v1-failed-payouts","money":{"currency":"EUR","prices_cents":[1000,2500],"goods_cents":5500,"shipping_cents":490,"tax_cents":1100,"discount_cents":500,"total_cents":6590,"payments":{"p1":{"method":"card","authorized_cents":6590,"captured_cents":6590}},"refunds":{"r1":{"granted":true,"granted_cents":1000,"allowance_cents":1000,"failures":[{"payment_id":null,"payout_id":null}]}},"captured_cents":6590,"open_refunds_cents":1000,"claimed_refunds_cents":1000,"allowed_refunds_cents":1000},"reported":{"p1":"2026-04-02T09:00:00.000000Z"},"payments":1,"authorized_cents":6590,"captures":1}','913f29a4f03185bdd8d30d70fb54cfb59a3861977b7754ad7a456dbfa37286a3');
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
INSERT INTO anomalies VALUES('accept-refund',10,'refund-without-grant','refund-payment:p1/o1/EUR','payment: authorized 100, captured 100, voided 0, refunded 100, charged back 0; refund: granted 100, revoked 100, paid out 100','2026-11-30T16:38:30.086833Z');
INSERT INTO anomalies VALUES('bill-after-cancel',11,'outcome-contradicted','deliver-shipment:s1/-','shipment was dispatched; outcome before: lost; lines overshipped: 1','2026-11-30T16:38:30.098215Z');
INSERT INTO anomalies VALUES('bill-after-cancel',12,'overshipped','deliver-shipment:s1/-','shipment was dispatched; outcome before: lost; lines overshipped: 1','2026-11-30T16:38:30.098215Z');
INSERT INTO anomalies VALUES('bill-after-cancel',14,'authorized-after-cancel','authorize-payment:p2/EUR','payment: authorized 100, captured 0, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.106869Z');
INSERT INTO anomalies VALUES('bill-after-cancel',16,'captured-after-cancel','capture-payment:p2/c1/EUR','payment: authorized 100, captured 100, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.107732Z');
INSERT INTO anomalies VALUES('capture-first',2,'captured-above-authorized','capture-payment:p1/c1/EUR','payment: authorized 0, captured 100, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.089860Z');
INSERT INTO anomalies VALUES('dashboard-refund',8,'refund-without-grant','refund-payment:p1/o1/EUR','payment: authorized 100, captured 100, voided 0, refunded 30, charged back 0; refund: granted 0, revoked 0, paid out 30','2026-11-30T16:38:30.072731Z');
INSERT INTO anomalies VALUES('declined-then-paid',4,'captured-after-failure','capture-payment:p1/c1/EUR','payment: authorized 100, captured 100, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.091974Z');
INSERT INTO anomalies VALUES('double-charge',7,'refund-without-grant','refund-payment:p2/o1/EUR','payment: authorized 100, captured 100, voided 0, refunded 100, charged back 0; refund: granted 0, revoked 0, paid out 100','2026-11-30T16:38:30.071218Z');
INSERT INTO anomalies VALUES('double-charge',8,'unknown-refund','refund-payment:p2/o1/EUR','payment: authorized 100, captured 100, voided 0, refunded 100, charged back 0; refund: granted 0, revoked 0, paid out 100','2026-11-30T16:38:30.071218Z');
INSERT INTO anomalies VALUES('double-payout',10,'refunded-above-captured','refund-payment:p1/o2/EUR','payment: authorized 100, captured 100, voided 0, refunded 200, charged back 0; refund: granted 0, revoked 0, paid out 100','2026-11-30T16:38:30.134849Z');
INSERT INTO anomalies VALUES('double-payout',11,'refund-without-grant','refund-payment:p1/o2/EUR','payment: authorized 100, captured 100, voided 0, refunded 200, charged back 0; refund: granted 0, revoked 0, paid out 100','2026-11-30T16:38:30.134849Z');
INSERT INTO anomalies VALUES('explained',3,'captured-above-authorized','capture-payment:p1/c1/EUR','payment: authorized 60, captured 100, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.091081Z');
INSERT INTO anomalies VALUES('late-capture-refunded',6,'authorized-after-cancel','authorize-payment:p2/EUR','payment: authorized 50, captured 0, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.146387Z');
INSERT INTO anomalies VALUES('late-capture-refunded',8,'captured-after-cancel','capture-payment:p2/c1/EUR','payment: authorized 50, captured 50, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.154884Z');
INSERT INTO anomalies VALUES('mistyped',3,'captured-above-authorized','capture-payment:p1/c1/EUR','payment: authorized 100, captured 1000, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.115992Z');
INSERT INTO anomalies VALUES('mistyped',4,'contradicting-fact','capture-payment:p1/c1/EUR','recorded: {"amount_cents":1000}; told: {"amount_cents":100}','2026-11-30T16:38:30.118899Z');
INSERT INTO anomalies VALUES('one-of-two-accepted',9,'refund-without-grant','refund-payment:p1/o1/EUR','payment: authorized 100, captured 100, voided 0, refunded 50, charged back 0; refund: granted 20, revoked 0, paid out 50','2026-11-30T16:38:30.128599Z');
INSERT INTO anomalies VALUES('one-of-two-accepted',11,'refund-without-grant','refund-payment:p1/o2/EUR','payment: authorized 100, captured 100, voided 0, refunded 90, charged back 0; refund: granted 20, revoked 0, paid out 90','2026-11-30T16:38:30.134964Z');
INSERT INTO anomalies VALUES('payout-before-grant',6,'refund-without-grant','refund-payment:p1/o1/EUR','payment: authorized 100, captured 100, voided 0, refunded 50, charged back 0; refund: granted 0, revoked 0, paid out 50','2026-11-30T16:38:30.068436Z');
INSERT INTO anomalies VALUES('payout-before-grant',7,'unknown-refund','refund-payment:p1/o1/EUR','payment: authorized 100, captured 100, voided 0, refunded 50, charged back 0; refund: granted 0, revoked 0, paid out 50','2026-11-30T16:38:30.068436Z');
INSERT INTO anomalies VALUES('renewed',4,'captured-after-expiry','capture-payment:p1/c1/EUR','payment: authorized 100, captured 100, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.107027Z');
INSERT INTO anomalies VALUES('replacement',11,'unknown-shipment','deliver-shipment:s2/-','shipment was unknown','2026-11-30T16:38:30.098356Z');
INSERT INTO anomalies VALUES('v1-cancelled',4,'captured-after-cancel','capture-payment:p1/c1/EUR','payment: authorized 6590, captured 100, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.155604Z');
INSERT INTO anomalies VALUES('v1-cancelled',6,'authorized-after-cancel','authorize-payment:p2/EUR','payment: authorized 500, captured 0, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.158718Z');
INSERT INTO anomalies VALUES('v1-capture',3,'captured-above-authorized','capture-payment:p1/c1/EUR','payment: authorized 1000, captured 2000, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.146671Z');
INSERT INTO anomalies VALUES('v1-capture',5,'voided-above-authorized','void-payment:p1/v1/EUR','payment: authorized 1000, captured 2000, voided 10, refunded 0, charged back 0','2026-11-30T16:38:30.155256Z');
INSERT INTO anomalies VALUES('v1-contradiction',2,'contradicting-fact','authorize-payment:p1/EUR','recorded: {"amount_cents":6590,"method":"card"}; told: {"amount_cents":100,"method":"card"}','2026-11-30T16:38:30.187244Z');
INSERT INTO anomalies VALUES('v1-contradiction',4,'contradicting-fact','capture-payment:p1/c1/EUR','recorded: {"amount_cents":5}; told: {"amount_cents":6}','2026-11-30T16:38:30.189141Z');
INSERT INTO anomalies VALUES('v1-currency',2,'currency-mismatch','authorize-payment:p1/USD','the order is in EUR, not in USD','2026-11-30T16:38:30.143232Z');
INSERT INTO anomalies VALUES('v1-currency',5,'currency-mismatch','capture-payment:p1/c1/USD','the order is in EUR, not in USD','2026-11-30T16:38:30.155195Z');
INSERT INTO anomalies VALUES('v1-dispute',6,'charged-back-above-captured','charge-back-payment:p1/b2/EUR','payment: authorized 6590, captured 6590, voided 0, refunded 0, charged back 9000; order: captured 6590, charged back 9000, claimed by refunds 0','2026-11-30T16:38:30.188004Z');
INSERT INTO anomalies VALUES('v1-dispute',8,'unknown-chargeback','reverse-chargeback:p1/b3','payment: authorized 6590, captured 6590, voided 0, refunded 0, charged back 9000','2026-11-30T16:38:30.188940Z');
INSERT INTO anomalies VALUES('v1-expired',4,'captured-after-expiry','capture-payment:p1/c1/EUR','payment: authorized 1000, captured 500, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.155366Z');
INSERT INTO anomalies VALUES('v1-failed',4,'captured-after-failure','capture-payment:p1/c1/EUR','payment: authorized 1000, captured 500, voided 0, refunded 0, charged back 0','2026-11-30T16:38:30.155414Z');
INSERT INTO anomalies VALUES('v1-overshipped',8,'outcome-contradicted','deliver-shipment:s1/found','shipment was dispatched; outcome before: lost; lines overshipped: 1','2026-11-30T16:38:30.189936Z');
INSERT INTO anomalies VALUES('v1-overshipped',9,'overshipped','deliver-shipment:s1/found','shipment was dispatched; outcome before: lost; lines overshipped: 1','2026-11-30T16:38:30.189936Z');
INSERT INTO anomalies VALUES('v1-parcels',4,'delivered-before-dispatch','deliver-shipment:s1/-','shipment was planned','2026-11-30T16:38:30.181232Z');
INSERT INTO anomalies VALUES('v1-parcels',6,'outcome-contradicted','lose-shipment:s1/-','shipment was dispatched; outcome before: delivered','2026-11-30T16:38:30.187095Z');
INSERT INTO anomalies VALUES('v1-parcels',8,'outcome-contradicted','return-shipment-to-sender:s1/e2','shipment was dispatched; outcome before: lost','2026-11-30T16:38:30.188097Z');
INSERT INTO anomalies VALUES('v1-parcels',10,'unknown-shipment','deliver-shipment:zz/-','shipment was unknown','2026-11-30T16:38:30.189023Z');
INSERT INTO anomalies VALUES('v1-parcels',14,'dispatched-after-cancel','deliver-shipment:s2/-','shipment was cancelled','2026-11-30T16:38:30.191219Z');
INSERT INTO anomalies VALUES('v1-payout',4,'refunded-above-captured','refund-payment:p1/r1/EUR','payment: authorized 6590, captured 1000, voided 0, refunded 2000, charged back 0; refund: granted 0, revoked 0, paid out 2000','2026-11-30T16:38:30.155753Z');
INSERT INTO anomalies VALUES('v1-payout',5,'refund-without-grant','refund-payment:p1/r1/EUR','payment: authorized 6590, captured 1000, voided 0, refunded 2000, charged back 0; refund: granted 0, revoked 0, paid out 2000','2026-11-30T16:38:30.155753Z');
INSERT INTO anomalies VALUES('v1-payout',7,'refunded-above-captured','refund-payment:p1/r2/EUR','payment: authorized 6590, captured 1000, voided 0, refunded 2010, charged back 0; refund: granted 0, revoked 0, paid out 10','2026-11-30T16:38:30.159068Z');
INSERT INTO anomalies VALUES('v1-payout',8,'refund-without-grant','refund-payment:p1/r2/EUR','payment: authorized 6590, captured 1000, voided 0, refunded 2010, charged back 0; refund: granted 0, revoked 0, paid out 10','2026-11-30T16:38:30.159068Z');
INSERT INTO anomalies VALUES('v1-payout',9,'unknown-refund','refund-payment:p1/r2/EUR','payment: authorized 6590, captured 1000, voided 0, refunded 2010, charged back 0; refund: granted 0, revoked 0, paid out 10','2026-11-30T16:38:30.159068Z');
INSERT INTO anomalies VALUES('v1-void',4,'captured-after-void','capture-payment:p1/c1/EUR','payment: authorized 1000, captured 500, voided 1000, refunded 0, charged back 0','2026-11-30T16:38:30.155316Z');
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
INSERT INTO balances VALUES('discount-cancel','EUR',0,'overpaid',12000,2000,2000,12000,12000,0,0,12000,-10000,0,1,1,0);
INSERT INTO balances VALUES('half-price-cancel','EUR',0,'overpaid',50,0,0,50,50,25,0,25,-25,0,1,1,0);
INSERT INTO balances VALUES('failure-without-payout','EUR',0,'overpaid',100,100,0,100,100,0,0,100,-100,100,1,1,0);
INSERT INTO balances VALUES('payout-before-grant','EUR',0,'overpaid',100,50,0,100,100,50,0,50,-50,0,1,1,2);
INSERT INTO balances VALUES('double-charge','EUR',0,'paid',100,100,100,200,200,100,0,100,0,0,2,2,2);
INSERT INTO balances VALUES('revoke-takes-credit-first','EUR',0,'overpaid',100,100,80,120,120,20,0,100,-20,0,1,1,0);
INSERT INTO balances VALUES('accept-refund','EUR',0,'refunded',100,100,100,100,100,100,0,0,100,0,1,1,1);
INSERT INTO balances VALUES('dashboard-refund','EUR',0,'partly_captured',100,100,100,100,100,30,0,70,30,0,1,1,1);
INSERT INTO balances VALUES('agreed-price','EUR',0,'partly_captured',100,100,100,80,80,0,0,80,20,0,1,1,0);
INSERT INTO balances VALUES('write-off','EUR',0,'partly_captured',1000,1000,1000,999,999,0,0,999,1,0,1,1,0);
INSERT INTO balances VALUES('tip','EUR',0,'overpaid',100,100,100,120,120,0,0,120,-20,0,1,1,0);
INSERT INTO balances VALUES('revoked-adjustment','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,0);
INSERT INTO balances VALUES('declined-refund-paid-again','EUR',0,'overpaid',100,100,0,200,200,100,0,100,-100,0,2,2,0);
INSERT INTO balances VALUES('bill-after-cancel','EUR',1,'overpaid',100,0,0,200,200,100,0,100,-100,0,2,2,4);
INSERT INTO balances VALUES('replacement','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,1);
INSERT INTO balances VALUES('all-back','EUR',0,'refunded',110,110,0,110,110,110,0,0,0,0,1,1,0);
INSERT INTO balances VALUES('charged-back','EUR',0,'refunded',100,100,100,100,100,0,100,0,100,0,1,1,0);
INSERT INTO balances VALUES('declined-then-paid','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,1);
INSERT INTO balances VALUES('declined','EUR',0,'none',100,100,100,0,0,0,0,0,100,0,1,0,0);
INSERT INTO balances VALUES('bank-transfer','EUR',0,'none',100,100,100,0,0,0,0,0,100,0,0,0,0);
INSERT INTO balances VALUES('capture-first','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,1);
INSERT INTO balances VALUES('explained','EUR',0,'paid',100,100,100,60,100,0,0,100,0,0,1,1,1);
INSERT INTO balances VALUES('won-then-lost','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,0);
INSERT INTO balances VALUES('won-then-told-again','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,0);
INSERT INTO balances VALUES('renewed','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,1);
INSERT INTO balances VALUES('store-credit','EUR',1,'overpaid',100,0,0,100,100,0,0,100,-100,100,1,1,0);
INSERT INTO balances VALUES('fee','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,0);
INSERT INTO balances VALUES('mistyped','EUR',0,'overpaid',100,100,100,100,1000,0,0,1000,-900,0,1,1,2);
INSERT INTO balances VALUES('other-currency','EUR',0,'none',1000,1000,1000,0,0,0,0,0,1000,0,0,0,0);
INSERT INTO balances VALUES('unannounced-return','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,0);
INSERT INTO balances VALUES('part-of-a-parcel','EUR',0,'none',100,100,100,0,0,0,0,0,100,0,0,0,0);
INSERT INTO balances VALUES('nothing-due','EUR',0,'none',0,0,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO balances VALUES('add-items','EUR',0,'none',1000,1000,1000,0,0,0,0,0,1000,0,0,0,0);
INSERT INTO balances VALUES('granted-not-paid','EUR',0,'overpaid',100,100,80,100,100,0,0,100,-20,20,1,1,0);
INSERT INTO balances VALUES('double-payout','EUR',0,'refunded',100,100,0,100,100,200,0,-100,100,0,1,1,2);
INSERT INTO balances VALUES('one-of-two-accepted','EUR',0,'partly_captured',100,100,80,100,100,90,0,10,70,0,1,1,2);
INSERT INTO balances VALUES('refund-then-cancel','EUR',0,'paid',100,100,50,100,100,50,0,50,0,0,1,1,0);
INSERT INTO balances VALUES('one-not-sent','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,0);
INSERT INTO balances VALUES('announced-late','EUR',0,'paid',100,100,100,100,100,0,0,100,0,0,1,1,0);
INSERT INTO balances VALUES('two-days','EUR',0,'none',100,100,100,0,0,0,0,0,100,0,0,0,0);
INSERT INTO balances VALUES('told-twice','EUR',0,'none',100,100,100,0,0,0,0,0,100,0,0,0,0);
INSERT INTO balances VALUES('late-capture-refunded','EUR',1,'refunded',100,0,0,150,150,150,0,0,0,0,2,2,2);
INSERT INTO balances VALUES('billed-again','EUR',0,'refunded',100,100,0,100,100,100,0,0,0,0,1,1,0);
INSERT INTO balances VALUES('fee-after-cancel','EUR',1,'none',100,0,0,0,0,0,0,0,0,0,0,0,0);
INSERT INTO balances VALUES('rest-expires','EUR',0,'paid',100,100,100,150,100,0,0,100,0,0,1,1,0);
INSERT INTO balances VALUES('cancel-what-was-refunded','EUR',0,'paid',220,220,120,220,220,100,0,120,0,0,1,1,0);
INSERT INTO balances VALUES('v1-holds','EUR',0,'paid',6590,6590,6590,6590,6590,0,0,6590,0,0,1,1,0);
INSERT INTO balances VALUES('v1-currency','EUR',0,'paid',6590,6590,6590,6590,6590,0,0,6590,0,0,1,1,2);
INSERT INTO balances VALUES('v1-capture','EUR',0,'partly_captured',6590,6590,6590,1000,2000,0,0,2000,4590,0,1,1,2);
INSERT INTO balances VALUES('v1-void','EUR',0,'partly_captured',6590,6590,6590,1000,500,0,0,500,6090,0,1,1,1);
INSERT INTO balances VALUES('v1-expired','EUR',0,'partly_captured',6590,6590,6590,1000,500,0,0,500,6090,0,1,1,1);
INSERT INTO balances VALUES('v1-failed','EUR',0,'partly_captured',6590,6590,6590,1000,500,0,0,500,6090,0,1,1,1);
INSERT INTO balances VALUES('v1-cancelled','EUR',1,'overpaid',6590,0,0,7090,100,0,0,100,-100,0,2,1,2);
INSERT INTO balances VALUES('v1-payout','EUR',0,'refunded',6590,6590,6590,6590,1000,2010,0,-1010,7600,0,1,1,5);
INSERT INTO balances VALUES('v1-refund','EUR',0,'overpaid',6590,6590,5590,6590,6590,0,0,6590,-1000,1000,1,1,0);
INSERT INTO balances VALUES('v1-dispute','EUR',0,'refunded',6590,6590,6590,6590,6590,0,9000,-2410,9000,0,1,1,2);
INSERT INTO balances VALUES('v1-parcels','EUR',0,'none',6590,6590,6590,0,0,0,0,0,6590,0,0,0,5);
INSERT INTO balances VALUES('v1-overshipped','EUR',0,'none',6590,6590,6590,0,0,0,0,0,6590,0,0,0,2);
INSERT INTO balances VALUES('v1-contradiction','EUR',0,'partly_captured',6590,6590,6590,6590,5,0,0,5,6585,0,1,1,2);
INSERT INTO balances VALUES('v1-returns','EUR',0,'paid',6590,6590,6590,6590,6590,0,0,6590,0,0,1,1,0);
INSERT INTO balances VALUES('v1-cancel-items','EUR',0,'overpaid',6590,4590,4590,6590,6590,0,0,6590,-2000,0,1,1,0);
INSERT INTO balances VALUES('v1-failed-payouts','EUR',0,'overpaid',6590,6590,5590,6590,6590,0,0,6590,-1000,1000,1,1,0);
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
INSERT INTO payments VALUES('discount-cancel','p1','EUR','card','captured',12000,12000,0,0,0,12000,0,0,'2026-01-01T09:00:00.000000Z');
INSERT INTO payments VALUES('half-price-cancel','p1','EUR','card','partly_returned',50,50,0,25,0,25,0,0,'2026-01-07T09:00:00.000000Z');
INSERT INTO payments VALUES('failure-without-payout','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-01-08T09:00:00.000000Z');
INSERT INTO payments VALUES('payout-before-grant','p1','EUR','card','partly_returned',100,100,0,50,0,50,0,0,'2026-01-09T09:00:00.000000Z');
INSERT INTO payments VALUES('double-charge','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-01-10T09:00:00.000000Z');
INSERT INTO payments VALUES('double-charge','p2','EUR','card','refunded',100,100,0,100,0,0,0,0,'2026-01-10T13:00:00.000000Z');
INSERT INTO payments VALUES('revoke-takes-credit-first','p1','EUR','card','partly_returned',120,120,0,20,0,100,0,0,'2026-01-11T09:00:00.000000Z');
INSERT INTO payments VALUES('accept-refund','p1','EUR','card','refunded',100,100,0,100,0,0,0,0,'2026-01-12T09:00:00.000000Z');
INSERT INTO payments VALUES('dashboard-refund','p1','EUR','card','partly_returned',100,100,0,30,0,70,0,0,'2026-01-13T09:00:00.000000Z');
INSERT INTO payments VALUES('agreed-price','p1','EUR','card','captured',80,80,0,0,0,80,0,0,'2026-01-14T14:00:00.000000Z');
INSERT INTO payments VALUES('write-off','p1','EUR','card','captured',999,999,0,0,0,999,0,0,'2026-01-15T09:00:00.000000Z');
INSERT INTO payments VALUES('tip','p1','EUR','card','captured',120,120,0,0,0,120,0,0,'2026-01-16T09:00:00.000000Z');
INSERT INTO payments VALUES('revoked-adjustment','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-01-17T09:00:00.000000Z');
INSERT INTO payments VALUES('declined-refund-paid-again','p1','EUR','card','refunded',100,100,0,100,0,0,0,0,'2026-01-18T09:00:00.000000Z');
INSERT INTO payments VALUES('declined-refund-paid-again','p2','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-01-18T18:00:00.000000Z');
INSERT INTO payments VALUES('bill-after-cancel','p1','EUR','card','refunded',100,100,0,100,0,0,0,0,'2026-01-19T09:00:00.000000Z');
INSERT INTO payments VALUES('bill-after-cancel','p2','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-01-19T08:00:00.000000Z');
INSERT INTO payments VALUES('replacement','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-01-20T09:00:00.000000Z');
INSERT INTO payments VALUES('all-back','p1','EUR','card','refunded',110,110,0,110,0,0,0,0,'2026-01-21T09:00:00.000000Z');
INSERT INTO payments VALUES('charged-back','p1','EUR','card','charged_back',100,100,0,0,100,0,0,0,'2026-01-22T09:00:00.000000Z');
INSERT INTO payments VALUES('declined-then-paid','p1','EUR','card','captured',100,100,0,0,0,100,0,1,'2026-01-23T09:00:00.000000Z');
INSERT INTO payments VALUES('declined','p1','EUR','unknown','failed',0,0,0,0,0,0,0,1,'2026-01-24T09:00:00.000000Z');
INSERT INTO payments VALUES('capture-first','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-01-26T09:00:00.000000Z');
INSERT INTO payments VALUES('explained','p1','EUR','card','captured',60,100,0,0,0,100,0,0,'2026-01-27T09:00:00.000000Z');
INSERT INTO payments VALUES('won-then-lost','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-01-28T09:00:00.000000Z');
INSERT INTO payments VALUES('won-then-told-again','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-02-01T09:00:00.000000Z');
INSERT INTO payments VALUES('renewed','p1','EUR','card','captured',100,100,0,0,0,100,1,0,'2026-02-02T09:00:00.000000Z');
INSERT INTO payments VALUES('store-credit','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-02-03T09:00:00.000000Z');
INSERT INTO payments VALUES('fee','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-02-04T09:00:00.000000Z');
INSERT INTO payments VALUES('mistyped','p1','EUR','card','captured',100,1000,0,0,0,1000,0,0,'2026-02-05T09:00:00.000000Z');
INSERT INTO payments VALUES('unannounced-return','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-02-07T09:00:00.000000Z');
INSERT INTO payments VALUES('granted-not-paid','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-02-16T09:00:00.000000Z');
INSERT INTO payments VALUES('double-payout','p1','EUR','card','refunded',100,100,0,200,0,-100,0,0,'2026-02-18T09:00:00.000000Z');
INSERT INTO payments VALUES('one-of-two-accepted','p1','EUR','card','partly_returned',100,100,0,90,0,10,0,0,'2026-02-20T09:00:00.000000Z');
INSERT INTO payments VALUES('refund-then-cancel','p1','EUR','card','partly_returned',100,100,0,50,0,50,0,0,'2026-02-21T09:00:00.000000Z');
INSERT INTO payments VALUES('one-not-sent','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-02-22T09:00:00.000000Z');
INSERT INTO payments VALUES('announced-late','p1','EUR','card','captured',100,100,0,0,0,100,0,0,'2026-02-23T09:00:00.000000Z');
INSERT INTO payments VALUES('late-capture-refunded','p1','EUR','card','refunded',100,100,0,100,0,0,0,0,'2026-02-26T09:00:00.000000Z');
INSERT INTO payments VALUES('late-capture-refunded','p2','EUR','card','refunded',50,50,0,50,0,0,0,0,'2026-02-26T13:00:00.000000Z');
INSERT INTO payments VALUES('billed-again','p1','EUR','card','refunded',100,100,0,100,0,0,0,0,'2026-02-27T09:00:00.000000Z');
INSERT INTO payments VALUES('rest-expires','p1','EUR','card','captured',150,100,0,0,0,100,1,0,'2026-03-01T09:00:00.000000Z');
INSERT INTO payments VALUES('cancel-what-was-refunded','p1','EUR','card','partly_returned',220,220,0,100,0,120,0,0,'2026-03-02T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-holds','p1','EUR','card','captured',6590,6590,0,0,0,6590,0,0,'2026-03-15T13:00:00.000000Z');
INSERT INTO payments VALUES('v1-currency','p1','EUR','card','captured',6590,6590,0,0,0,6590,0,0,'2026-03-16T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-capture','p1','EUR','card','captured',1000,2000,10,0,0,2000,0,0,'2026-03-17T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-void','p1','EUR','card','captured',1000,500,1000,0,0,500,0,0,'2026-03-18T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-expired','p1','EUR','card','captured',1000,500,0,0,0,500,1,0,'2026-03-19T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-failed','p1','EUR','card','captured',1000,500,0,0,0,500,0,1,'2026-03-20T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-cancelled','p1','EUR','card','partly_captured',6590,100,0,0,0,100,0,0,'2026-03-21T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-cancelled','p2','EUR','card','authorized',500,0,0,0,0,0,0,0,'2026-03-21T12:00:00.000000Z');
INSERT INTO payments VALUES('v1-payout','p1','EUR','card','refunded',6590,1000,0,2010,0,-1010,0,0,'2026-03-22T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-refund','p1','EUR','card','captured',6590,6590,0,0,0,6590,0,0,'2026-03-23T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-dispute','p1','EUR','card','charged_back',6590,6590,0,0,9000,-2410,0,0,'2026-03-24T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-contradiction','p1','EUR','card','partly_captured',6590,5,0,0,0,5,0,0,'2026-03-27T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-returns','p1','EUR','card','captured',6590,6590,0,0,0,6590,0,0,'2026-03-28T10:00:00.000000Z');
INSERT INTO payments VALUES('v1-cancel-items','p1','EUR','card','captured',6590,6590,0,0,0,6590,0,0,'2026-04-01T09:00:00.000000Z');
INSERT INTO payments VALUES('v1-failed-payouts','p1','EUR','card','captured',6590,6590,0,0,0,6590,0,0,'2026-04-02T09:00:00.000000Z');
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
INSERT INTO postings VALUES('accept-refund',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('accept-refund',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('accept-refund',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('accept-refund',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('accept-refund',7,0,'refunds_payable',-100,'EUR');
INSERT INTO postings VALUES('accept-refund',7,1,'sales',100,'EUR');
INSERT INTO postings VALUES('accept-refund',8,0,'refunds_payable',100,'EUR');
INSERT INTO postings VALUES('accept-refund',8,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('accept-refund',9,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('accept-refund',9,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('add-items',0,0,'receivable',1000,'EUR');
INSERT INTO postings VALUES('add-items',0,1,'sales',-1000,'EUR');
INSERT INTO postings VALUES('agreed-price',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('agreed-price',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('agreed-price',6,0,'receivable',-80,'EUR');
INSERT INTO postings VALUES('agreed-price',6,1,'cash',80,'EUR');
INSERT INTO postings VALUES('all-back',0,0,'receivable',110,'EUR');
INSERT INTO postings VALUES('all-back',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('all-back',0,2,'shipping',-10,'EUR');
INSERT INTO postings VALUES('all-back',2,0,'receivable',-110,'EUR');
INSERT INTO postings VALUES('all-back',2,1,'cash',110,'EUR');
INSERT INTO postings VALUES('all-back',10,0,'refunds_payable',-110,'EUR');
INSERT INTO postings VALUES('all-back',10,1,'sales',110,'EUR');
INSERT INTO postings VALUES('all-back',11,0,'refunds_payable',110,'EUR');
INSERT INTO postings VALUES('all-back',11,1,'cash',-110,'EUR');
INSERT INTO postings VALUES('announced-late',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('announced-late',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('announced-late',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('announced-late',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('bank-transfer',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('bank-transfer',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',7,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',7,1,'sales',100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',8,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',8,1,'refunds_payable',-100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',9,0,'refunds_payable',100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',9,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',15,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('bill-after-cancel',15,1,'cash',100,'EUR');
INSERT INTO postings VALUES('billed-again',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('billed-again',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('billed-again',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('billed-again',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('billed-again',7,0,'refunds_payable',-100,'EUR');
INSERT INTO postings VALUES('billed-again',7,1,'sales',100,'EUR');
INSERT INTO postings VALUES('billed-again',8,0,'refunds_payable',100,'EUR');
INSERT INTO postings VALUES('billed-again',8,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',0,0,'receivable',220,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',0,1,'sales',-200,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',0,2,'shipping',-20,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',2,0,'receivable',-220,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',2,1,'cash',220,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',4,0,'refunds_payable',-100,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',4,1,'sales',100,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',5,0,'refunds_payable',100,'EUR');
INSERT INTO postings VALUES('cancel-what-was-refunded',5,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('capture-first',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('capture-first',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('capture-first',1,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('capture-first',1,1,'cash',100,'EUR');
INSERT INTO postings VALUES('charged-back',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('charged-back',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('charged-back',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('charged-back',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('charged-back',7,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('charged-back',7,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('dashboard-refund',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('dashboard-refund',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('dashboard-refund',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('dashboard-refund',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('dashboard-refund',7,0,'receivable',30,'EUR');
INSERT INTO postings VALUES('dashboard-refund',7,1,'cash',-30,'EUR');
INSERT INTO postings VALUES('declined',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('declined',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',7,0,'refunds_payable',-100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',7,1,'sales',100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',8,0,'refunds_payable',100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',8,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',10,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('declined-refund-paid-again',10,1,'cash',100,'EUR');
INSERT INTO postings VALUES('declined-then-paid',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('declined-then-paid',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('declined-then-paid',3,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('declined-then-paid',3,1,'cash',100,'EUR');
INSERT INTO postings VALUES('discount-cancel',0,0,'receivable',12000,'EUR');
INSERT INTO postings VALUES('discount-cancel',0,1,'sales',-20000,'EUR');
INSERT INTO postings VALUES('discount-cancel',0,2,'tax',-2000,'EUR');
INSERT INTO postings VALUES('discount-cancel',0,3,'discount',10000,'EUR');
INSERT INTO postings VALUES('discount-cancel',2,0,'receivable',-12000,'EUR');
INSERT INTO postings VALUES('discount-cancel',2,1,'cash',12000,'EUR');
INSERT INTO postings VALUES('discount-cancel',4,0,'receivable',-10000,'EUR');
INSERT INTO postings VALUES('discount-cancel',4,1,'sales',10000,'EUR');
INSERT INTO postings VALUES('double-charge',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('double-charge',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('double-charge',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('double-charge',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('double-charge',5,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('double-charge',5,1,'cash',100,'EUR');
INSERT INTO postings VALUES('double-charge',6,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('double-charge',6,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('double-payout',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('double-payout',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('double-payout',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('double-payout',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('double-payout',7,0,'refunds_payable',-100,'EUR');
INSERT INTO postings VALUES('double-payout',7,1,'sales',100,'EUR');
INSERT INTO postings VALUES('double-payout',8,0,'refunds_payable',100,'EUR');
INSERT INTO postings VALUES('double-payout',8,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('double-payout',9,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('double-payout',9,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('explained',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('explained',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('explained',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('explained',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('failure-without-payout',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('failure-without-payout',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('failure-without-payout',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('failure-without-payout',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('failure-without-payout',4,0,'refunds_payable',-100,'EUR');
INSERT INTO postings VALUES('failure-without-payout',4,1,'sales',100,'EUR');
INSERT INTO postings VALUES('fee',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('fee',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('fee',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('fee',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('fee-after-cancel',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('fee-after-cancel',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('fee-after-cancel',1,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('fee-after-cancel',1,1,'sales',100,'EUR');
INSERT INTO postings VALUES('granted-not-paid',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('granted-not-paid',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('granted-not-paid',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('granted-not-paid',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('granted-not-paid',7,0,'refunds_payable',-20,'EUR');
INSERT INTO postings VALUES('granted-not-paid',7,1,'sales',20,'EUR');
INSERT INTO postings VALUES('half-price-cancel',0,0,'receivable',50,'EUR');
INSERT INTO postings VALUES('half-price-cancel',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('half-price-cancel',0,2,'discount',50,'EUR');
INSERT INTO postings VALUES('half-price-cancel',2,0,'receivable',-50,'EUR');
INSERT INTO postings VALUES('half-price-cancel',2,1,'cash',50,'EUR');
INSERT INTO postings VALUES('half-price-cancel',4,0,'receivable',-50,'EUR');
INSERT INTO postings VALUES('half-price-cancel',4,1,'sales',50,'EUR');
INSERT INTO postings VALUES('half-price-cancel',5,0,'receivable',25,'EUR');
INSERT INTO postings VALUES('half-price-cancel',5,1,'refunds_payable',-25,'EUR');
INSERT INTO postings VALUES('half-price-cancel',6,0,'refunds_payable',25,'EUR');
INSERT INTO postings VALUES('half-price-cancel',6,1,'cash',-25,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',4,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',4,1,'sales',100,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',7,0,'receivable',-50,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',7,1,'cash',50,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',9,0,'receivable',150,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',9,1,'refunds_payable',-150,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',10,0,'refunds_payable',100,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',10,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',11,0,'refunds_payable',50,'EUR');
INSERT INTO postings VALUES('late-capture-refunded',11,1,'cash',-50,'EUR');
INSERT INTO postings VALUES('mistyped',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('mistyped',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('mistyped',2,0,'receivable',-1000,'EUR');
INSERT INTO postings VALUES('mistyped',2,1,'cash',1000,'EUR');
INSERT INTO postings VALUES('nothing-due',0,0,'sales',-1000,'EUR');
INSERT INTO postings VALUES('nothing-due',0,1,'discount',1000,'EUR');
INSERT INTO postings VALUES('one-not-sent',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('one-not-sent',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('one-not-sent',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('one-not-sent',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',7,0,'refunds_payable',-20,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',7,1,'sales',20,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',8,0,'receivable',30,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',8,1,'refunds_payable',20,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',8,2,'cash',-50,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',10,0,'receivable',40,'EUR');
INSERT INTO postings VALUES('one-of-two-accepted',10,1,'cash',-40,'EUR');
INSERT INTO postings VALUES('other-currency',0,0,'receivable',1000,'EUR');
INSERT INTO postings VALUES('other-currency',0,1,'sales',-1000,'EUR');
INSERT INTO postings VALUES('part-of-a-parcel',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('part-of-a-parcel',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('payout-before-grant',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('payout-before-grant',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('payout-before-grant',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('payout-before-grant',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('payout-before-grant',4,0,'receivable',-50,'EUR');
INSERT INTO postings VALUES('payout-before-grant',4,1,'sales',50,'EUR');
INSERT INTO postings VALUES('payout-before-grant',5,0,'receivable',50,'EUR');
INSERT INTO postings VALUES('payout-before-grant',5,1,'cash',-50,'EUR');
INSERT INTO postings VALUES('payout-before-grant',8,0,'receivable',-50,'EUR');
INSERT INTO postings VALUES('payout-before-grant',8,1,'sales',50,'EUR');
INSERT INTO postings VALUES('refund-then-cancel',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('refund-then-cancel',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('refund-then-cancel',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('refund-then-cancel',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('refund-then-cancel',4,0,'refunds_payable',-50,'EUR');
INSERT INTO postings VALUES('refund-then-cancel',4,1,'sales',50,'EUR');
INSERT INTO postings VALUES('refund-then-cancel',5,0,'refunds_payable',50,'EUR');
INSERT INTO postings VALUES('refund-then-cancel',5,1,'cash',-50,'EUR');
INSERT INTO postings VALUES('renewed',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('renewed',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('renewed',3,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('renewed',3,1,'cash',100,'EUR');
INSERT INTO postings VALUES('replacement',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('replacement',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('replacement',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('replacement',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('rest-expires',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('rest-expires',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('rest-expires',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('rest-expires',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',2,0,'receivable',-120,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',2,1,'cash',120,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',4,0,'receivable',20,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',4,1,'refunds_payable',-60,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',4,2,'sales',40,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',5,0,'refunds_payable',20,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',5,1,'cash',-20,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',6,0,'receivable',-20,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',6,1,'refunds_payable',40,'EUR');
INSERT INTO postings VALUES('revoke-takes-credit-first',6,2,'sales',-20,'EUR');
INSERT INTO postings VALUES('revoked-adjustment',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('revoked-adjustment',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('revoked-adjustment',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('revoked-adjustment',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('store-credit',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('store-credit',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('store-credit',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('store-credit',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('store-credit',3,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('store-credit',3,1,'sales',100,'EUR');
INSERT INTO postings VALUES('store-credit',4,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('store-credit',4,1,'refunds_payable',-100,'EUR');
INSERT INTO postings VALUES('tip',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('tip',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('tip',2,0,'receivable',-120,'EUR');
INSERT INTO postings VALUES('tip',2,1,'cash',120,'EUR');
INSERT INTO postings VALUES('told-twice',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('told-twice',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('two-days',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('two-days',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('unannounced-return',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('unannounced-return',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('unannounced-return',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('unannounced-return',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',2,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',2,1,'cash',6590,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',4,0,'receivable',-2000,'EUR');
INSERT INTO postings VALUES('v1-cancel-items',4,1,'sales',2000,'EUR');
INSERT INTO postings VALUES('v1-cancelled',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-cancelled',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-cancelled',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-cancelled',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-cancelled',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-cancelled',2,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-cancelled',2,1,'sales',5500,'EUR');
INSERT INTO postings VALUES('v1-cancelled',2,2,'shipping',490,'EUR');
INSERT INTO postings VALUES('v1-cancelled',2,3,'tax',1100,'EUR');
INSERT INTO postings VALUES('v1-cancelled',2,4,'discount',-500,'EUR');
INSERT INTO postings VALUES('v1-cancelled',3,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('v1-cancelled',3,1,'cash',100,'EUR');
INSERT INTO postings VALUES('v1-capture',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-capture',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-capture',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-capture',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-capture',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-capture',2,0,'receivable',-2000,'EUR');
INSERT INTO postings VALUES('v1-capture',2,1,'cash',2000,'EUR');
INSERT INTO postings VALUES('v1-contradiction',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-contradiction',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-contradiction',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-contradiction',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-contradiction',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-contradiction',3,0,'receivable',-5,'EUR');
INSERT INTO postings VALUES('v1-contradiction',3,1,'cash',5,'EUR');
INSERT INTO postings VALUES('v1-currency',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-currency',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-currency',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-currency',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-currency',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-currency',6,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-currency',6,1,'cash',6590,'EUR');
INSERT INTO postings VALUES('v1-dispute',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-dispute',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-dispute',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-dispute',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-dispute',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-dispute',2,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-dispute',2,1,'cash',6590,'EUR');
INSERT INTO postings VALUES('v1-dispute',3,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-dispute',3,1,'cash',-6590,'EUR');
INSERT INTO postings VALUES('v1-dispute',4,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-dispute',4,1,'cash',6590,'EUR');
INSERT INTO postings VALUES('v1-dispute',5,0,'receivable',9000,'EUR');
INSERT INTO postings VALUES('v1-dispute',5,1,'cash',-9000,'EUR');
INSERT INTO postings VALUES('v1-expired',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-expired',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-expired',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-expired',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-expired',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-expired',3,0,'receivable',-500,'EUR');
INSERT INTO postings VALUES('v1-expired',3,1,'cash',500,'EUR');
INSERT INTO postings VALUES('v1-failed',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-failed',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-failed',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-failed',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-failed',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-failed',3,0,'receivable',-500,'EUR');
INSERT INTO postings VALUES('v1-failed',3,1,'cash',500,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',2,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',2,1,'cash',6590,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',3,0,'refunds_payable',-1000,'EUR');
INSERT INTO postings VALUES('v1-failed-payouts',3,1,'sales',1000,'EUR');
INSERT INTO postings VALUES('v1-holds',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-holds',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-holds',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-holds',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-holds',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-holds',6,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-holds',6,1,'cash',6590,'EUR');
INSERT INTO postings VALUES('v1-overshipped',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-overshipped',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-overshipped',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-overshipped',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-overshipped',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-parcels',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-parcels',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-parcels',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-parcels',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-parcels',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-payout',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-payout',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-payout',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-payout',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-payout',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-payout',2,0,'receivable',-1000,'EUR');
INSERT INTO postings VALUES('v1-payout',2,1,'cash',1000,'EUR');
INSERT INTO postings VALUES('v1-payout',3,0,'receivable',2000,'EUR');
INSERT INTO postings VALUES('v1-payout',3,1,'cash',-2000,'EUR');
INSERT INTO postings VALUES('v1-payout',6,0,'receivable',10,'EUR');
INSERT INTO postings VALUES('v1-payout',6,1,'cash',-10,'EUR');
INSERT INTO postings VALUES('v1-refund',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-refund',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-refund',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-refund',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-refund',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-refund',2,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-refund',2,1,'cash',6590,'EUR');
INSERT INTO postings VALUES('v1-refund',3,0,'refunds_payable',-1000,'EUR');
INSERT INTO postings VALUES('v1-refund',3,1,'sales',1000,'EUR');
INSERT INTO postings VALUES('v1-refund',4,0,'refunds_payable',1000,'EUR');
INSERT INTO postings VALUES('v1-refund',4,1,'cash',-1000,'EUR');
INSERT INTO postings VALUES('v1-refund',5,0,'refunds_payable',-1000,'EUR');
INSERT INTO postings VALUES('v1-refund',5,1,'cash',1000,'EUR');
INSERT INTO postings VALUES('v1-refund',6,0,'refunds_payable',-500,'EUR');
INSERT INTO postings VALUES('v1-refund',6,1,'sales',500,'EUR');
INSERT INTO postings VALUES('v1-refund',7,0,'refunds_payable',500,'EUR');
INSERT INTO postings VALUES('v1-refund',7,1,'sales',-500,'EUR');
INSERT INTO postings VALUES('v1-returns',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-returns',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-returns',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-returns',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-returns',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-returns',3,0,'receivable',-6590,'EUR');
INSERT INTO postings VALUES('v1-returns',3,1,'cash',6590,'EUR');
INSERT INTO postings VALUES('v1-void',0,0,'receivable',6590,'EUR');
INSERT INTO postings VALUES('v1-void',0,1,'sales',-5500,'EUR');
INSERT INTO postings VALUES('v1-void',0,2,'shipping',-490,'EUR');
INSERT INTO postings VALUES('v1-void',0,3,'tax',-1100,'EUR');
INSERT INTO postings VALUES('v1-void',0,4,'discount',500,'EUR');
INSERT INTO postings VALUES('v1-void',3,0,'receivable',-500,'EUR');
INSERT INTO postings VALUES('v1-void',3,1,'cash',500,'EUR');
INSERT INTO postings VALUES('won-then-lost',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('won-then-lost',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('won-then-lost',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('won-then-lost',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('won-then-told-again',0,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('won-then-told-again',0,1,'sales',-100,'EUR');
INSERT INTO postings VALUES('won-then-told-again',2,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('won-then-told-again',2,1,'cash',100,'EUR');
INSERT INTO postings VALUES('won-then-told-again',4,0,'receivable',100,'EUR');
INSERT INTO postings VALUES('won-then-told-again',4,1,'cash',-100,'EUR');
INSERT INTO postings VALUES('won-then-told-again',5,0,'receivable',-100,'EUR');
INSERT INTO postings VALUES('won-then-told-again',5,1,'cash',100,'EUR');
INSERT INTO postings VALUES('write-off',0,0,'receivable',1000,'EUR');
INSERT INTO postings VALUES('write-off',0,1,'sales',-1000,'EUR');
INSERT INTO postings VALUES('write-off',2,0,'receivable',-999,'EUR');
INSERT INTO postings VALUES('write-off',2,1,'cash',999,'EUR');
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
INSERT INTO refunds VALUES('accept-refund','g','revoked',100,100,100,100,0);
INSERT INTO refunds VALUES('all-back','g','paid_out',110,110,0,110,0);
INSERT INTO refunds VALUES('bill-after-cancel','g','paid_out',100,0,0,100,0);
INSERT INTO refunds VALUES('billed-again','g','paid_out',100,100,0,100,0);
INSERT INTO refunds VALUES('cancel-what-was-refunded','g','paid_out',100,100,0,100,0);
INSERT INTO refunds VALUES('dashboard-refund','o1','ungranted',0,0,0,30,0);
INSERT INTO refunds VALUES('declined-refund-paid-again','g','paid_out',100,100,0,100,0);
INSERT INTO refunds VALUES('double-charge','g','ungranted',0,0,0,100,0);
INSERT INTO refunds VALUES('double-payout','g','paid_out',100,100,0,100,0);
INSERT INTO refunds VALUES('double-payout','o2','ungranted',0,0,0,100,0);
INSERT INTO refunds VALUES('failure-without-payout','g','open',100,100,0,0,100);
INSERT INTO refunds VALUES('granted-not-paid','g','open',20,20,0,0,20);
INSERT INTO refunds VALUES('half-price-cancel','g','paid_out',25,0,0,25,0);
INSERT INTO refunds VALUES('late-capture-refunded','g','paid_out',150,0,0,150,0);
INSERT INTO refunds VALUES('one-of-two-accepted','g','paid_out',20,20,0,90,0);
INSERT INTO refunds VALUES('payout-before-grant','g','paid_out',50,50,0,50,0);
INSERT INTO refunds VALUES('refund-then-cancel','g','paid_out',50,50,0,50,0);
INSERT INTO refunds VALUES('revoke-takes-credit-first','g','revoked',60,40,40,20,0);
INSERT INTO refunds VALUES('store-credit','r','open',100,0,0,0,100);
INSERT INTO refunds VALUES('v1-failed-payouts','r1','open',1000,1000,0,0,1000);
INSERT INTO refunds VALUES('v1-payout','nobody','ungranted',0,0,0,10,0);
INSERT INTO refunds VALUES('v1-payout','r1','ungranted',0,0,0,2000,0);
INSERT INTO refunds VALUES('v1-refund','r1','open',1000,1000,0,0,1000);
INSERT INTO refunds VALUES('v1-refund','r2','revoked',500,500,500,0,0);
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
INSERT INTO steps VALUES('accept-refund','','grant','g',7,'g',100,NULL,NULL,'x','2026-01-12T15:00:00.000000Z','2026-11-30T16:38:30.072643Z');
INSERT INTO steps VALUES('accept-refund','','revocation','g',8,'g',100,NULL,NULL,'x','2026-01-12T16:00:00.000000Z','2026-11-30T16:38:30.080437Z');
INSERT INTO steps VALUES('accept-refund','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-12T09:00:00.000000Z','2026-11-30T16:38:30.059447Z');
INSERT INTO steps VALUES('accept-refund','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-12T10:00:00.000000Z','2026-11-30T16:38:30.060792Z');
INSERT INTO steps VALUES('accept-refund','p1','payout','o1',9,'g',100,'EUR',NULL,NULL,'2026-01-12T17:00:00.000000Z','2026-11-30T16:38:30.086833Z');
INSERT INTO steps VALUES('agreed-price','p1','authorization','',5,NULL,80,'EUR','card',NULL,'2026-01-14T14:00:00.000000Z','2026-11-30T16:38:30.068705Z');
INSERT INTO steps VALUES('agreed-price','p1','capture','c1',6,NULL,80,'EUR',NULL,NULL,'2026-01-14T15:00:00.000000Z','2026-11-30T16:38:30.071448Z');
INSERT INTO steps VALUES('all-back','','grant','g',10,'g',110,NULL,NULL,'x','2026-01-21T18:00:00.000000Z','2026-11-30T16:38:30.098418Z');
INSERT INTO steps VALUES('all-back','p1','authorization','',1,NULL,110,'EUR','card',NULL,'2026-01-21T09:00:00.000000Z','2026-11-30T16:38:30.080658Z');
INSERT INTO steps VALUES('all-back','p1','capture','c1',2,NULL,110,'EUR',NULL,NULL,'2026-01-21T10:00:00.000000Z','2026-11-30T16:38:30.087072Z');
INSERT INTO steps VALUES('all-back','p1','payout','o1',11,'g',110,'EUR',NULL,NULL,'2026-01-21T19:00:00.000000Z','2026-11-30T16:38:30.106971Z');
INSERT INTO steps VALUES('announced-late','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-23T09:00:00.000000Z','2026-11-30T16:38:30.116349Z');
INSERT INTO steps VALUES('announced-late','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-23T10:00:00.000000Z','2026-11-30T16:38:30.119212Z');
INSERT INTO steps VALUES('bill-after-cancel','','grant','g',8,'g',100,NULL,NULL,'x','2026-01-19T16:00:00.000000Z','2026-11-30T16:38:30.096343Z');
INSERT INTO steps VALUES('bill-after-cancel','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-19T09:00:00.000000Z','2026-11-30T16:38:30.080577Z');
INSERT INTO steps VALUES('bill-after-cancel','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-19T10:00:00.000000Z','2026-11-30T16:38:30.086987Z');
INSERT INTO steps VALUES('bill-after-cancel','p1','payout','o1',9,'g',100,'EUR',NULL,NULL,'2026-01-19T17:00:00.000000Z','2026-11-30T16:38:30.097252Z');
INSERT INTO steps VALUES('bill-after-cancel','p2','authorization','',13,NULL,100,'EUR','card',NULL,'2026-01-19T08:00:00.000000Z','2026-11-30T16:38:30.106869Z');
INSERT INTO steps VALUES('bill-after-cancel','p2','capture','c1',15,NULL,100,'EUR',NULL,NULL,'2026-01-19T09:00:00.000000Z','2026-11-30T16:38:30.107732Z');
INSERT INTO steps VALUES('billed-again','','grant','g',7,'g',100,NULL,NULL,'x','2026-02-27T15:00:00.000000Z','2026-11-30T16:38:30.163078Z');
INSERT INTO steps VALUES('billed-again','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-27T09:00:00.000000Z','2026-11-30T16:38:30.135116Z');
INSERT INTO steps VALUES('billed-again','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-27T10:00:00.000000Z','2026-11-30T16:38:30.138886Z');
INSERT INTO steps VALUES('billed-again','p1','payout','o1',8,'g',100,'EUR',NULL,NULL,'2026-02-27T16:00:00.000000Z','2026-11-30T16:38:30.167618Z');
INSERT INTO steps VALUES('cancel-what-was-refunded','','grant','g',4,'g',100,NULL,NULL,'x','2026-03-02T12:00:00.000000Z','2026-11-30T16:38:30.146505Z');
INSERT INTO steps VALUES('cancel-what-was-refunded','p1','authorization','',1,NULL,220,'EUR','card',NULL,'2026-03-02T09:00:00.000000Z','2026-11-30T16:38:30.135278Z');
INSERT INTO steps VALUES('cancel-what-was-refunded','p1','capture','c1',2,NULL,220,'EUR',NULL,NULL,'2026-03-02T10:00:00.000000Z','2026-11-30T16:38:30.139876Z');
INSERT INTO steps VALUES('cancel-what-was-refunded','p1','payout','o1',5,'g',100,'EUR',NULL,NULL,'2026-03-02T13:00:00.000000Z','2026-11-30T16:38:30.155100Z');
INSERT INTO steps VALUES('capture-first','p1','authorization','',3,NULL,100,'EUR','card',NULL,'2026-01-26T10:00:00.000000Z','2026-11-30T16:38:30.091034Z');
INSERT INTO steps VALUES('capture-first','p1','capture','c1',1,NULL,100,'EUR',NULL,NULL,'2026-01-26T09:00:00.000000Z','2026-11-30T16:38:30.089860Z');
INSERT INTO steps VALUES('charged-back','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-22T09:00:00.000000Z','2026-11-30T16:38:30.089725Z');
INSERT INTO steps VALUES('charged-back','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-22T10:00:00.000000Z','2026-11-30T16:38:30.090950Z');
INSERT INTO steps VALUES('charged-back','p1','chargeback','b',7,NULL,100,'EUR',NULL,NULL,'2026-01-22T15:00:00.000000Z','2026-11-30T16:38:30.098476Z');
INSERT INTO steps VALUES('dashboard-refund','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-13T09:00:00.000000Z','2026-11-30T16:38:30.059492Z');
INSERT INTO steps VALUES('dashboard-refund','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-13T10:00:00.000000Z','2026-11-30T16:38:30.060832Z');
INSERT INTO steps VALUES('dashboard-refund','p1','payout','o1',7,'o1',30,'EUR',NULL,NULL,'2026-01-13T15:00:00.000000Z','2026-11-30T16:38:30.072731Z');
INSERT INTO steps VALUES('declined','p1','failure','',1,NULL,NULL,NULL,NULL,'declined','2026-01-24T09:00:00.000000Z','2026-11-30T16:38:30.089813Z');
INSERT INTO steps VALUES('declined-refund-paid-again','','grant','g',7,'g',100,NULL,NULL,'x','2026-01-18T15:00:00.000000Z','2026-11-30T16:38:30.089541Z');
INSERT INTO steps VALUES('declined-refund-paid-again','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-18T09:00:00.000000Z','2026-11-30T16:38:30.068786Z');
INSERT INTO steps VALUES('declined-refund-paid-again','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-18T10:00:00.000000Z','2026-11-30T16:38:30.071585Z');
INSERT INTO steps VALUES('declined-refund-paid-again','p1','payout','o1',8,'g',100,'EUR',NULL,NULL,'2026-01-18T16:00:00.000000Z','2026-11-30T16:38:30.090700Z');
INSERT INTO steps VALUES('declined-refund-paid-again','p2','authorization','',9,NULL,100,'EUR','card',NULL,'2026-01-18T18:00:00.000000Z','2026-11-30T16:38:30.091707Z');
INSERT INTO steps VALUES('declined-refund-paid-again','p2','capture','c1',10,NULL,100,'EUR',NULL,NULL,'2026-01-18T19:00:00.000000Z','2026-11-30T16:38:30.095212Z');
INSERT INTO steps VALUES('declined-then-paid','p1','authorization','',2,NULL,100,'EUR','card',NULL,'2026-01-23T10:00:00.000000Z','2026-11-30T16:38:30.090991Z');
INSERT INTO steps VALUES('declined-then-paid','p1','capture','c1',3,NULL,100,'EUR',NULL,NULL,'2026-01-23T11:00:00.000000Z','2026-11-30T16:38:30.091974Z');
INSERT INTO steps VALUES('declined-then-paid','p1','failure','',1,NULL,NULL,NULL,NULL,'declined','2026-01-23T09:00:00.000000Z','2026-11-30T16:38:30.089772Z');
INSERT INTO steps VALUES('discount-cancel','p1','authorization','',1,NULL,12000,'EUR','card',NULL,'2026-01-01T09:00:00.000000Z','2026-11-30T16:38:30.053354Z');
INSERT INTO steps VALUES('discount-cancel','p1','capture','c1',2,NULL,12000,'EUR',NULL,NULL,'2026-01-01T10:00:00.000000Z','2026-11-30T16:38:30.059093Z');
INSERT INTO steps VALUES('double-charge','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-10T09:00:00.000000Z','2026-11-30T16:38:30.059349Z');
INSERT INTO steps VALUES('double-charge','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-10T10:00:00.000000Z','2026-11-30T16:38:30.060711Z');
INSERT INTO steps VALUES('double-charge','p2','authorization','',4,NULL,100,'EUR','card',NULL,'2026-01-10T13:00:00.000000Z','2026-11-30T16:38:30.067106Z');
INSERT INTO steps VALUES('double-charge','p2','capture','c1',5,NULL,100,'EUR',NULL,NULL,'2026-01-10T14:00:00.000000Z','2026-11-30T16:38:30.068511Z');
INSERT INTO steps VALUES('double-charge','p2','payout','o1',6,'g',100,'EUR',NULL,NULL,'2026-01-10T15:00:00.000000Z','2026-11-30T16:38:30.071218Z');
INSERT INTO steps VALUES('double-payout','','grant','g',7,'g',100,NULL,NULL,'x','2026-02-18T15:00:00.000000Z','2026-11-30T16:38:30.127019Z');
INSERT INTO steps VALUES('double-payout','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-18T09:00:00.000000Z','2026-11-30T16:38:30.115084Z');
INSERT INTO steps VALUES('double-payout','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-18T10:00:00.000000Z','2026-11-30T16:38:30.116191Z');
INSERT INTO steps VALUES('double-payout','p1','payout','o1',8,'g',100,'EUR',NULL,NULL,'2026-02-18T16:00:00.000000Z','2026-11-30T16:38:30.128522Z');
INSERT INTO steps VALUES('double-payout','p1','payout','o2',9,'o2',100,'EUR',NULL,NULL,'2026-02-18T17:00:00.000000Z','2026-11-30T16:38:30.134849Z');
INSERT INTO steps VALUES('explained','p1','authorization','',1,NULL,60,'EUR','card',NULL,'2026-01-27T09:00:00.000000Z','2026-11-30T16:38:30.089905Z');
INSERT INTO steps VALUES('explained','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-27T10:00:00.000000Z','2026-11-30T16:38:30.091081Z');
INSERT INTO steps VALUES('failure-without-payout','','grant','g',4,'g',100,NULL,NULL,'x','2026-01-08T12:00:00.000000Z','2026-11-30T16:38:30.067017Z');
INSERT INTO steps VALUES('failure-without-payout','','payout-failure','',5,'g',NULL,NULL,NULL,'timeout','2026-01-08T13:00:00.000000Z','2026-11-30T16:38:30.068338Z');
INSERT INTO steps VALUES('failure-without-payout','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-08T09:00:00.000000Z','2026-11-30T16:38:30.059250Z');
INSERT INTO steps VALUES('failure-without-payout','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-08T10:00:00.000000Z','2026-11-30T16:38:30.060623Z');
INSERT INTO steps VALUES('failure-without-payout','p1','payout','o2',6,'g',100,'EUR',NULL,NULL,'2026-01-08T14:00:00.000000Z','2026-11-30T16:38:30.071087Z');
INSERT INTO steps VALUES('fee','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-04T09:00:00.000000Z','2026-11-30T16:38:30.111878Z');
INSERT INTO steps VALUES('fee','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-04T10:00:00.000000Z','2026-11-30T16:38:30.114871Z');
INSERT INTO steps VALUES('granted-not-paid','','grant','g',7,'g',20,NULL,NULL,'x','2026-02-16T15:00:00.000000Z','2026-11-30T16:38:30.126976Z');
INSERT INTO steps VALUES('granted-not-paid','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-16T09:00:00.000000Z','2026-11-30T16:38:30.115048Z');
INSERT INTO steps VALUES('granted-not-paid','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-16T10:00:00.000000Z','2026-11-30T16:38:30.116151Z');
INSERT INTO steps VALUES('half-price-cancel','','grant','g',5,'g',25,NULL,NULL,'x','2026-01-07T13:00:00.000000Z','2026-11-30T16:38:30.068195Z');
INSERT INTO steps VALUES('half-price-cancel','p1','authorization','',1,NULL,50,'EUR','card',NULL,'2026-01-07T09:00:00.000000Z','2026-11-30T16:38:30.059191Z');
INSERT INTO steps VALUES('half-price-cancel','p1','capture','c1',2,NULL,50,'EUR',NULL,NULL,'2026-01-07T10:00:00.000000Z','2026-11-30T16:38:30.060569Z');
INSERT INTO steps VALUES('half-price-cancel','p1','payout','o1',6,'g',25,'EUR',NULL,NULL,'2026-01-07T14:00:00.000000Z','2026-11-30T16:38:30.070993Z');
INSERT INTO steps VALUES('late-capture-refunded','','grant','g',9,'g',150,NULL,NULL,'x','2026-02-26T15:00:00.000000Z','2026-11-30T16:38:30.158349Z');
INSERT INTO steps VALUES('late-capture-refunded','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-26T09:00:00.000000Z','2026-11-30T16:38:30.128705Z');
INSERT INTO steps VALUES('late-capture-refunded','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-26T10:00:00.000000Z','2026-11-30T16:38:30.135074Z');
INSERT INTO steps VALUES('late-capture-refunded','p1','payout','o1',10,'g',100,'EUR',NULL,NULL,'2026-02-26T16:00:00.000000Z','2026-11-30T16:38:30.162989Z');
INSERT INTO steps VALUES('late-capture-refunded','p2','authorization','',5,NULL,50,'EUR','card',NULL,'2026-02-26T13:00:00.000000Z','2026-11-30T16:38:30.146387Z');
INSERT INTO steps VALUES('late-capture-refunded','p2','capture','c1',7,NULL,50,'EUR',NULL,NULL,'2026-02-26T14:00:00.000000Z','2026-11-30T16:38:30.154884Z');
INSERT INTO steps VALUES('late-capture-refunded','p2','payout','o2',11,'g',50,'EUR',NULL,NULL,'2026-02-26T17:00:00.000000Z','2026-11-30T16:38:30.167532Z');
INSERT INTO steps VALUES('mistyped','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-05T09:00:00.000000Z','2026-11-30T16:38:30.114936Z');
INSERT INTO steps VALUES('mistyped','p1','capture','c1',2,NULL,1000,'EUR',NULL,NULL,'2026-02-05T10:00:00.000000Z','2026-11-30T16:38:30.115992Z');
INSERT INTO steps VALUES('one-not-sent','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-22T09:00:00.000000Z','2026-11-30T16:38:30.115197Z');
INSERT INTO steps VALUES('one-not-sent','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-22T10:00:00.000000Z','2026-11-30T16:38:30.116309Z');
INSERT INTO steps VALUES('one-of-two-accepted','','grant','g',7,'g',20,NULL,NULL,'x','2026-02-20T15:00:00.000000Z','2026-11-30T16:38:30.127057Z');
INSERT INTO steps VALUES('one-of-two-accepted','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-20T09:00:00.000000Z','2026-11-30T16:38:30.115119Z');
INSERT INTO steps VALUES('one-of-two-accepted','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-20T10:00:00.000000Z','2026-11-30T16:38:30.116228Z');
INSERT INTO steps VALUES('one-of-two-accepted','p1','payout','o1',8,'g',50,'EUR',NULL,NULL,'2026-02-20T16:00:00.000000Z','2026-11-30T16:38:30.128599Z');
INSERT INTO steps VALUES('one-of-two-accepted','p1','payout','o2',10,'g',40,'EUR',NULL,NULL,'2026-02-20T17:00:00.000000Z','2026-11-30T16:38:30.134964Z');
INSERT INTO steps VALUES('payout-before-grant','','grant','g',8,'g',50,NULL,NULL,'x','2026-01-09T14:00:00.000000Z','2026-11-30T16:38:30.071151Z');
INSERT INTO steps VALUES('payout-before-grant','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-09T09:00:00.000000Z','2026-11-30T16:38:30.059298Z');
INSERT INTO steps VALUES('payout-before-grant','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-09T10:00:00.000000Z','2026-11-30T16:38:30.060669Z');
INSERT INTO steps VALUES('payout-before-grant','p1','payout','o1',5,'g',50,'EUR',NULL,NULL,'2026-01-09T13:00:00.000000Z','2026-11-30T16:38:30.068436Z');
INSERT INTO steps VALUES('refund-then-cancel','','grant','g',4,'g',50,NULL,NULL,'x','2026-02-21T12:00:00.000000Z','2026-11-30T16:38:30.123100Z');
INSERT INTO steps VALUES('refund-then-cancel','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-21T09:00:00.000000Z','2026-11-30T16:38:30.115154Z');
INSERT INTO steps VALUES('refund-then-cancel','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-21T10:00:00.000000Z','2026-11-30T16:38:30.116268Z');
INSERT INTO steps VALUES('refund-then-cancel','p1','payout','o1',5,'g',50,'EUR',NULL,NULL,'2026-02-21T13:00:00.000000Z','2026-11-30T16:38:30.124316Z');
INSERT INTO steps VALUES('renewed','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-02T09:00:00.000000Z','2026-11-30T16:38:30.097536Z');
INSERT INTO steps VALUES('renewed','p1','capture','c1',3,NULL,100,'EUR',NULL,NULL,'2026-02-02T12:00:00.000000Z','2026-11-30T16:38:30.107027Z');
INSERT INTO steps VALUES('renewed','p1','expiry','',2,NULL,NULL,NULL,NULL,NULL,'2026-02-02T10:00:00.000000Z','2026-11-30T16:38:30.098570Z');
INSERT INTO steps VALUES('replacement','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-20T09:00:00.000000Z','2026-11-30T16:38:30.080620Z');
INSERT INTO steps VALUES('replacement','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-20T10:00:00.000000Z','2026-11-30T16:38:30.087031Z');
INSERT INTO steps VALUES('rest-expires','p1','authorization','',1,NULL,150,'EUR','card',NULL,'2026-03-01T09:00:00.000000Z','2026-11-30T16:38:30.135194Z');
INSERT INTO steps VALUES('rest-expires','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-03-01T10:00:00.000000Z','2026-11-30T16:38:30.138936Z');
INSERT INTO steps VALUES('rest-expires','p1','expiry','',3,NULL,NULL,NULL,NULL,NULL,'2026-03-01T11:00:00.000000Z','2026-11-30T16:38:30.143073Z');
INSERT INTO steps VALUES('revoke-takes-credit-first','','grant','g',4,'g',60,NULL,NULL,'x','2026-01-11T12:00:00.000000Z','2026-11-30T16:38:30.067145Z');
INSERT INTO steps VALUES('revoke-takes-credit-first','','revocation','g',6,'g',40,NULL,NULL,'x','2026-01-11T14:00:00.000000Z','2026-11-30T16:38:30.071282Z');
INSERT INTO steps VALUES('revoke-takes-credit-first','p1','authorization','',1,NULL,120,'EUR','card',NULL,'2026-01-11T09:00:00.000000Z','2026-11-30T16:38:30.059396Z');
INSERT INTO steps VALUES('revoke-takes-credit-first','p1','capture','c1',2,NULL,120,'EUR',NULL,NULL,'2026-01-11T10:00:00.000000Z','2026-11-30T16:38:30.060751Z');
INSERT INTO steps VALUES('revoke-takes-credit-first','p1','payout','o1',5,'g',20,'EUR',NULL,NULL,'2026-01-11T13:00:00.000000Z','2026-11-30T16:38:30.068565Z');
INSERT INTO steps VALUES('revoked-adjustment','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-17T09:00:00.000000Z','2026-11-30T16:38:30.068746Z');
INSERT INTO steps VALUES('revoked-adjustment','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-17T10:00:00.000000Z','2026-11-30T16:38:30.071490Z');
INSERT INTO steps VALUES('store-credit','','grant','r',4,'r',100,NULL,NULL,'x','2026-02-03T12:00:00.000000Z','2026-11-30T16:38:30.107857Z');
INSERT INTO steps VALUES('store-credit','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-03T09:00:00.000000Z','2026-11-30T16:38:30.097577Z');
INSERT INTO steps VALUES('store-credit','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-03T10:00:00.000000Z','2026-11-30T16:38:30.098661Z');
INSERT INTO steps VALUES('tip','p1','authorization','',1,NULL,120,'EUR','card',NULL,'2026-01-16T09:00:00.000000Z','2026-11-30T16:38:30.063386Z');
INSERT INTO steps VALUES('tip','p1','capture','c1',2,NULL,120,'EUR',NULL,NULL,'2026-01-16T10:00:00.000000Z','2026-11-30T16:38:30.067497Z');
INSERT INTO steps VALUES('unannounced-return','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-07T09:00:00.000000Z','2026-11-30T16:38:30.114978Z');
INSERT INTO steps VALUES('unannounced-return','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-07T10:00:00.000000Z','2026-11-30T16:38:30.116060Z');
INSERT INTO steps VALUES('v1-cancel-items','p1','authorization','',1,NULL,6590,'EUR','card',NULL,'2026-04-01T09:00:00.000000Z','2026-11-30T16:38:30.187333Z');
INSERT INTO steps VALUES('v1-cancel-items','p1','capture','c1',2,NULL,6590,'EUR',NULL,NULL,'2026-04-01T10:00:00.000000Z','2026-11-30T16:38:30.188319Z');
INSERT INTO steps VALUES('v1-cancelled','p1','authorization','',1,NULL,6590,'EUR','card',NULL,'2026-03-21T09:00:00.000000Z','2026-11-30T16:38:30.144925Z');
INSERT INTO steps VALUES('v1-cancelled','p1','capture','c1',3,NULL,100,'EUR',NULL,NULL,'2026-03-21T11:00:00.000000Z','2026-11-30T16:38:30.155604Z');
INSERT INTO steps VALUES('v1-cancelled','p2','authorization','',5,NULL,500,'EUR','card',NULL,'2026-03-21T12:00:00.000000Z','2026-11-30T16:38:30.158718Z');
INSERT INTO steps VALUES('v1-capture','p1','authorization','',1,NULL,1000,'EUR','card',NULL,'2026-03-17T09:00:00.000000Z','2026-11-30T16:38:30.143279Z');
INSERT INTO steps VALUES('v1-capture','p1','capture','c1',2,NULL,2000,'EUR',NULL,NULL,'2026-03-17T10:00:00.000000Z','2026-11-30T16:38:30.146671Z');
INSERT INTO steps VALUES('v1-capture','p1','void','v1',4,NULL,10,'EUR',NULL,NULL,'2026-03-17T11:00:00.000000Z','2026-11-30T16:38:30.155256Z');
INSERT INTO steps VALUES('v1-contradiction','p1','authorization','',1,NULL,6590,'EUR','card',NULL,'2026-03-27T09:00:00.000000Z','2026-11-30T16:38:30.182824Z');
INSERT INTO steps VALUES('v1-contradiction','p1','capture','c1',3,NULL,5,'EUR',NULL,NULL,'2026-03-27T11:00:00.000000Z','2026-11-30T16:38:30.188241Z');
INSERT INTO steps VALUES('v1-currency','p1','authorization','',1,NULL,6590,'USD','card',NULL,'2026-03-16T09:00:00.000000Z','2026-11-30T16:38:30.143232Z');
INSERT INTO steps VALUES('v1-currency','p1','authorization','',3,NULL,6590,'EUR','card',NULL,'2026-03-16T10:00:00.000000Z','2026-11-30T16:38:30.146619Z');
INSERT INTO steps VALUES('v1-currency','p1','capture','c1',4,NULL,100,'USD',NULL,NULL,'2026-03-16T11:00:00.000000Z','2026-11-30T16:38:30.155195Z');
INSERT INTO steps VALUES('v1-currency','p1','capture','c1',6,NULL,6590,'EUR',NULL,NULL,'2026-03-16T12:00:00.000000Z','2026-11-30T16:38:30.158666Z');
INSERT INTO steps VALUES('v1-dispute','p1','authorization','',1,NULL,6590,'EUR','card',NULL,'2026-03-24T09:00:00.000000Z','2026-11-30T16:38:30.179045Z');
INSERT INTO steps VALUES('v1-dispute','p1','capture','c1',2,NULL,6590,'EUR',NULL,NULL,'2026-03-24T10:00:00.000000Z','2026-11-30T16:38:30.180136Z');
INSERT INTO steps VALUES('v1-dispute','p1','chargeback','b1',3,NULL,6590,'EUR',NULL,NULL,'2026-03-24T11:00:00.000000Z','2026-11-30T16:38:30.181159Z');
INSERT INTO steps VALUES('v1-dispute','p1','chargeback','b2',5,NULL,9000,'EUR',NULL,NULL,'2026-03-24T13:00:00.000000Z','2026-11-30T16:38:30.188004Z');
INSERT INTO steps VALUES('v1-dispute','p1','chargeback-reversal','b1',4,NULL,NULL,NULL,NULL,NULL,'2026-03-24T12:00:00.000000Z','2026-11-30T16:38:30.187009Z');
INSERT INTO steps VALUES('v1-dispute','p1','chargeback-reversal','b3',7,NULL,NULL,NULL,NULL,NULL,'2026-03-24T14:00:00.000000Z','2026-11-30T16:38:30.188940Z');
INSERT INTO steps VALUES('v1-expired','p1','authorization','',1,NULL,1000,'EUR','card',NULL,'2026-03-19T09:00:00.000000Z','2026-11-30T16:38:30.143349Z');
INSERT INTO steps VALUES('v1-expired','p1','capture','c1',3,NULL,500,'EUR',NULL,NULL,'2026-03-19T11:00:00.000000Z','2026-11-30T16:38:30.155366Z');
INSERT INTO steps VALUES('v1-expired','p1','expiry','',2,NULL,NULL,NULL,NULL,NULL,'2026-03-19T10:00:00.000000Z','2026-11-30T16:38:30.146816Z');
INSERT INTO steps VALUES('v1-failed','p1','authorization','',1,NULL,1000,'EUR','card',NULL,'2026-03-20T09:00:00.000000Z','2026-11-30T16:38:30.143383Z');
INSERT INTO steps VALUES('v1-failed','p1','capture','c1',3,NULL,500,'EUR',NULL,NULL,'2026-03-20T11:00:00.000000Z','2026-11-30T16:38:30.155414Z');
INSERT INTO steps VALUES('v1-failed','p1','failure','',2,NULL,NULL,NULL,NULL,'declined','2026-03-20T10:00:00.000000Z','2026-11-30T16:38:30.146864Z');
INSERT INTO steps VALUES('v1-failed-payouts','','grant','r1',3,'r1',1000,NULL,NULL,'late','2026-04-02T11:00:00.000000Z','2026-11-30T16:38:30.189261Z');
INSERT INTO steps VALUES('v1-failed-payouts','','payout-failure','',4,'r1',NULL,NULL,NULL,'closed','2026-04-02T12:00:00.000000Z','2026-11-30T16:38:30.190091Z');
INSERT INTO steps VALUES('v1-failed-payouts','p1','authorization','',1,NULL,6590,'EUR','card',NULL,'2026-04-02T09:00:00.000000Z','2026-11-30T16:38:30.187372Z');
INSERT INTO steps VALUES('v1-failed-payouts','p1','capture','c1',2,NULL,6590,'EUR',NULL,NULL,'2026-04-02T10:00:00.000000Z','2026-11-30T16:38:30.188360Z');
INSERT INTO steps VALUES('v1-failed-payouts','p1','payout','o1',5,'r1',1000,'EUR',NULL,NULL,'2026-04-02T13:00:00.000000Z','2026-11-30T16:38:30.190735Z');
INSERT INTO steps VALUES('v1-holds','p1','authorization','',5,NULL,6590,'EUR','card',NULL,'2026-03-15T13:00:00.000000Z','2026-11-30T16:38:30.163131Z');
INSERT INTO steps VALUES('v1-holds','p1','capture','c1',6,NULL,6590,'EUR',NULL,NULL,'2026-03-15T14:00:00.000000Z','2026-11-30T16:38:30.167671Z');
INSERT INTO steps VALUES('v1-payout','p1','authorization','',1,NULL,6590,'EUR','card',NULL,'2026-03-22T09:00:00.000000Z','2026-11-30T16:38:30.145081Z');
INSERT INTO steps VALUES('v1-payout','p1','capture','c1',2,NULL,1000,'EUR',NULL,NULL,'2026-03-22T10:00:00.000000Z','2026-11-30T16:38:30.147374Z');
INSERT INTO steps VALUES('v1-payout','p1','payout','r1',3,'r1',2000,'EUR',NULL,NULL,'2026-03-22T11:00:00.000000Z','2026-11-30T16:38:30.155753Z');
INSERT INTO steps VALUES('v1-payout','p1','payout','r2',6,'nobody',10,'EUR',NULL,NULL,'2026-03-22T12:00:00.000000Z','2026-11-30T16:38:30.159068Z');
INSERT INTO steps VALUES('v1-refund','','grant','r1',3,'r1',1000,NULL,NULL,'late','2026-03-23T11:00:00.000000Z','2026-11-30T16:38:30.169480Z');
INSERT INTO steps VALUES('v1-refund','','grant','r2',6,'r2',500,NULL,NULL,'late','2026-03-23T14:00:00.000000Z','2026-11-30T16:38:30.181074Z');
INSERT INTO steps VALUES('v1-refund','','payout-failure','',5,'r1',NULL,NULL,NULL,'closed account','2026-03-23T13:00:00.000000Z','2026-11-30T16:38:30.180076Z');
INSERT INTO steps VALUES('v1-refund','','revocation','r2',7,'r2',500,NULL,NULL,'mistake','2026-03-23T15:00:00.000000Z','2026-11-30T16:38:30.186905Z');
INSERT INTO steps VALUES('v1-refund','p1','authorization','',1,NULL,6590,'EUR','card',NULL,'2026-03-23T09:00:00.000000Z','2026-11-30T16:38:30.163232Z');
INSERT INTO steps VALUES('v1-refund','p1','capture','c1',2,NULL,6590,'EUR',NULL,NULL,'2026-03-23T10:00:00.000000Z','2026-11-30T16:38:30.167774Z');
INSERT INTO steps VALUES('v1-refund','p1','payout','o1',4,'r1',1000,'EUR',NULL,NULL,'2026-03-23T12:00:00.000000Z','2026-11-30T16:38:30.178983Z');
INSERT INTO steps VALUES('v1-returns','p1','authorization','',2,NULL,6590,'EUR','card',NULL,'2026-03-28T10:00:00.000000Z','2026-11-30T16:38:30.188278Z');
INSERT INTO steps VALUES('v1-returns','p1','capture','c1',3,NULL,6590,'EUR',NULL,NULL,'2026-03-28T11:00:00.000000Z','2026-11-30T16:38:30.189188Z');
INSERT INTO steps VALUES('v1-void','p1','authorization','',1,NULL,1000,'EUR','card',NULL,'2026-03-18T09:00:00.000000Z','2026-11-30T16:38:30.143315Z');
INSERT INTO steps VALUES('v1-void','p1','capture','c1',3,NULL,500,'EUR',NULL,NULL,'2026-03-18T11:00:00.000000Z','2026-11-30T16:38:30.155316Z');
INSERT INTO steps VALUES('v1-void','p1','void','v1',2,NULL,1000,'EUR',NULL,NULL,'2026-03-18T10:00:00.000000Z','2026-11-30T16:38:30.146726Z');
INSERT INTO steps VALUES('won-then-lost','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-01-28T09:00:00.000000Z','2026-11-30T16:38:30.089940Z');
INSERT INTO steps VALUES('won-then-lost','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-01-28T10:00:00.000000Z','2026-11-30T16:38:30.091128Z');
INSERT INTO steps VALUES('won-then-told-again','p1','authorization','',1,NULL,100,'EUR','card',NULL,'2026-02-01T09:00:00.000000Z','2026-11-30T16:38:30.091172Z');
INSERT INTO steps VALUES('won-then-told-again','p1','capture','c1',2,NULL,100,'EUR',NULL,NULL,'2026-02-01T10:00:00.000000Z','2026-11-30T16:38:30.092092Z');
INSERT INTO steps VALUES('won-then-told-again','p1','chargeback','d',4,NULL,100,'EUR',NULL,NULL,'2026-02-01T12:00:00.000000Z','2026-11-30T16:38:30.096589Z');
INSERT INTO steps VALUES('won-then-told-again','p1','chargeback-reversal','d',5,NULL,NULL,NULL,NULL,NULL,'2026-02-01T13:00:00.000000Z','2026-11-30T16:38:30.097490Z');
INSERT INTO steps VALUES('write-off','p1','authorization','',1,NULL,999,'EUR','card',NULL,'2026-01-15T09:00:00.000000Z','2026-11-30T16:38:30.060946Z');
INSERT INTO steps VALUES('write-off','p1','capture','c1',2,NULL,999,'EUR',NULL,NULL,'2026-01-15T10:00:00.000000Z','2026-11-30T16:38:30.063290Z');
CREATE INDEX anomalies_recorded_at ON anomalies (recorded_at, order_id, revision);
CREATE INDEX payments_payment_id ON payments (payment_id);
CREATE INDEX payments_reported_at ON payments (reported_at, order_id, payment_id, state, method, currency);
COMMIT;
