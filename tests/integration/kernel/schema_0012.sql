-- The database of revision 6fc5f8d (schema 0012), with something of every kind under way.
-- Callbacks in every phase, notices, surveys, texts, timers, effects of an outbox, journal and ledger.
-- Numbers are synthetic; they are hashed with the key of 32 bytes "k".
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0012');
CREATE TABLE bounds (
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	person TEXT NOT NULL, 
	day TEXT NOT NULL, 
	used INTEGER NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "bounds" VALUES('2026-06-03 texts 772f4cfaa2972fdf','texts','772f4cfaa2972fdf','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 43e87705d074849f','texts','43e87705d074849f','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 503c8caa125c6a6b','texts','503c8caa125c6a6b','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 611cf3bf0529918b','texts','611cf3bf0529918b','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 47bf70abb64983ee','texts','47bf70abb64983ee','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 78f8d9cb189d9c45','texts','78f8d9cb189d9c45','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts bcbe742f4e4a49d3','texts','bcbe742f4e4a49d3','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 57cf69e17b2455e0','texts','57cf69e17b2455e0','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 84e7e1b9d209dfc6','texts','84e7e1b9d209dfc6','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 3aef104cc3da3287','texts','3aef104cc3da3287','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 7f92ed2da94b0092','texts','7f92ed2da94b0092','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 9c470232f7e2241d','texts','9c470232f7e2241d','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts f061803e971dae40','texts','f061803e971dae40','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 34a2bb4480989f3b','texts','34a2bb4480989f3b','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 offers_taken 6458984ea0657af2','offers_taken','6458984ea0657af2','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 6458984ea0657af2','texts','6458984ea0657af2','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 offers_taken withheld','offers_taken','withheld','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 other_numbers withheld','other_numbers','withheld','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 by_others ee678a0ccbbdc319','by_others','ee678a0ccbbdc319','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts ee678a0ccbbdc319','texts','ee678a0ccbbdc319','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 2b675399bc34b048','texts','2b675399bc34b048','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts ebbd40607dec8ea7','texts','ebbd40607dec8ea7','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 364bc51ab55639d0','texts','364bc51ab55639d0','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts d7600f124ab5aac8','texts','d7600f124ab5aac8','2026-06-03',2);
INSERT INTO "bounds" VALUES('2026-06-03 moves d7600f124ab5aac8','moves','d7600f124ab5aac8','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 by_others c77217709e650d51','by_others','c77217709e650d51','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 answers d7600f124ab5aac8','answers','d7600f124ab5aac8','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 8ccd23bb52a36226','texts','8ccd23bb52a36226','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts fd42cc1466cd377a','texts','fd42cc1466cd377a','2026-06-03',2);
INSERT INTO "bounds" VALUES('2026-06-03 answers fd42cc1466cd377a','answers','fd42cc1466cd377a','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 1ae8dcd8132a4c09','texts','1ae8dcd8132a4c09','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 7d51124c0d20ba55','texts','7d51124c0d20ba55','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 47a1a0452ecebc37','texts','47a1a0452ecebc37','2026-06-03',2);
INSERT INTO "bounds" VALUES('2026-06-03 answers 47a1a0452ecebc37','answers','47a1a0452ecebc37','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 8dee127393424d70','texts','8dee127393424d70','2026-06-03',2);
INSERT INTO "bounds" VALUES('2026-06-03 answers 8dee127393424d70','answers','8dee127393424d70','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 11843805f0a67ba2','texts','11843805f0a67ba2','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 705288d1a7b71c3e','texts','705288d1a7b71c3e','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts a24fb349c4d7577d','texts','a24fb349c4d7577d','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts e86245c57d788fd8','texts','e86245c57d788fd8','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 78b0d706610da670','texts','78b0d706610da670','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 675147e4cbe546ea','texts','675147e4cbe546ea','2026-06-03',1);
INSERT INTO "bounds" VALUES('2026-06-03 texts 11b42f639fad4f9d','texts','11b42f639fad4f9d','2026-06-03',1);
CREATE TABLE callback_records (
	"key" INTEGER NOT NULL, 
	open BOOLEAN NOT NULL, 
	callback TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	service TEXT, 
	queue TEXT, 
	number TEXT, 
	caller TEXT, 
	taken_by TEXT, 
	position INTEGER, 
	served INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	ended INTEGER, 
	ended_by TEXT, 
	reason TEXT, 
	connected INTEGER, 
	wait INTEGER, 
	agent TEXT, 
	agent_name TEXT, 
	kept BOOLEAN, 
	notice TEXT, 
	notice_by TEXT, 
	PRIMARY KEY ("key")
);
INSERT INTO "callback_records" VALUES(5,1,'cb-1795325295.15004',1780477200000,'support','support','+35840•••13','6458984ea0657af2','customer',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(11,1,'cb-1795325295.16004',1780477200000,'support','support','+35840•••14','ee678a0ccbbdc319','customer',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(37,1,'cb-waiting',1780477201000,'support','support','+35840•••01','772f4cfaa2972fdf','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(39,1,'cb-busy',1780477201000,'support','support','+35840•••02','43e87705d074849f','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(41,1,'cb-later',1780477201000,'support','support','+35840•••03','503c8caa125c6a6b','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(43,1,'cb-per-number',1780477201000,'support','support','+35840•••04','611cf3bf0529918b','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(45,1,'cb-call-hours',1780477201000,'support','support','+35840•••05','47bf70abb64983ee','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(47,1,'cb-at-call-hours',1780477201000,'support','support','+35840•••15','78f8d9cb189d9c45','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(49,1,'cb-originate',1780477201000,'support','support','+35840•••16','bcbe742f4e4a49d3','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(51,1,'cb-dialling',1780477201000,'support','support','+35840•••06','57cf69e17b2455e0','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(53,1,'cb-asking',1780477201000,'support','support','+35840•••07','84e7e1b9d209dfc6','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(55,1,'cb-accepted',1780477201000,'support','support','+35840•••08','3aef104cc3da3287','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(57,1,'cb-connected',1780477201000,'support','support','+35840•••09','7f92ed2da94b0092','staff',1,0,1,'open',NULL,NULL,NULL,1780477202000,0,'PJSIP/agent1','Anna',1,NULL,NULL);
INSERT INTO "callback_records" VALUES(59,1,'cb-returned',1780477201000,'support','support','+35840•••10','9c470232f7e2241d','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(61,1,'cb-returned-later',1780477201000,'support','support','+35840•••11','f061803e971dae40','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(63,1,'cb-broken-off',1780477201000,'support','support','+35840•••12','34a2bb4480989f3b','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(65,1,'cb-reserving',1780477201000,'sales','sales','+35840•••20','bef1772632a25575','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(66,1,'cb-agent-dialling',1780477201000,'sales','sales','+35840•••21','ee00bdeec54bdfa4','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(67,1,'cb-agent-asking',1780477201000,'sales','sales','+35840•••22','ab6e24e28385d88a','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(68,1,'cb-agent-accepted',1780477201000,'sales','sales','+35840•••23','fd50ab7151bcbdd7','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "callback_records" VALUES(69,1,'cb-agent-connected',1780477201000,'sales','sales','+35840•••24','a2ba87147f7e5466','staff',1,0,1,'open',NULL,NULL,NULL,1780477202000,0,'PJSIP/agent1','Anna',1,NULL,NULL);
INSERT INTO "callback_records" VALUES(70,1,'cb-notice-texted',1780477201000,'support','support','+35840•••50','2b675399bc34b048','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'sent','sms');
INSERT INTO "callback_records" VALUES(73,1,'cb-notice-delivered',1780477201000,'support','support','+35840•••51','ebbd40607dec8ea7','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'delivered','sms');
INSERT INTO "callback_records" VALUES(79,1,'cb-notice-kept',1780477201000,'support','support','+35840•••52','364bc51ab55639d0','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'answered','sms');
INSERT INTO "callback_records" VALUES(85,1,'cb-notice-moved',1780477201000,'support','support','+35840•••53','d7600f124ab5aac8','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'answered','sms');
INSERT INTO "callback_records" VALUES(91,1,'cb-notice-ringing',1780477201000,'support','support','+35891•••44','07f7a6b3eb25f5ad','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'sent','voice');
INSERT INTO "callback_records" VALUES(92,1,'cb-notice-talking',1780477201000,'support','support','+35891•••45','8ea1e00273e9fc49','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'delivered','voice');
INSERT INTO "callback_records" VALUES(93,1,'cb-notice-dialled',1780477201000,'support','support','+35840•••55','8ccd23bb52a36226','staff',1,0,1,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'delivered','sms');
INSERT INTO "callback_records" VALUES(99,0,'cb-notice-cancelled',1780477201000,'support','support','+35840•••56','fd42cc1466cd377a','staff',1,0,0,'cancelled',1780477202000,'sms',NULL,NULL,NULL,NULL,NULL,NULL,'answered','sms');
INSERT INTO "callback_records" VALUES(105,1,'cb-notice-retry',1780477201000,'support','support','+35891•••46','9d918c3916db6e6e','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'failed','voice');
INSERT INTO "callback_records" VALUES(108,1,'cb-no-route',1780477201000,'support','support','+35840•••80','11b42f639fad4f9d','staff',1,0,0,'open',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE callback_requests (
	request TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	fingerprint TEXT NOT NULL, 
	callback TEXT, 
	existing BOOLEAN NOT NULL, 
	refusal TEXT, 
	PRIMARY KEY (request)
);
INSERT INTO "callback_requests" VALUES('waiting',1780477201000000,'638e779f8b2ae2e0','cb-waiting',0,NULL);
INSERT INTO "callback_requests" VALUES('busy',1780477201000000,'19a59608f6b5fcc0','cb-busy',0,NULL);
INSERT INTO "callback_requests" VALUES('later',1780477201000000,'8d878257d345011b','cb-later',0,NULL);
INSERT INTO "callback_requests" VALUES('per-number',1780477201000000,'6657283fcf194f00','cb-per-number',0,NULL);
INSERT INTO "callback_requests" VALUES('call-hours',1780477201000000,'e602ca3d68ad4072','cb-call-hours',0,NULL);
INSERT INTO "callback_requests" VALUES('at-call-hours',1780477201000000,'220ec949a5f4ed39','cb-at-call-hours',0,NULL);
INSERT INTO "callback_requests" VALUES('originate',1780477201000000,'58570eba99dd6031','cb-originate',0,NULL);
INSERT INTO "callback_requests" VALUES('dialling',1780477201000000,'e1cbcfb9c9e05e05','cb-dialling',0,NULL);
INSERT INTO "callback_requests" VALUES('asking',1780477201000000,'ba25372a0f3282bc','cb-asking',0,NULL);
INSERT INTO "callback_requests" VALUES('accepted',1780477201000000,'2ea092248762edd4','cb-accepted',0,NULL);
INSERT INTO "callback_requests" VALUES('connected',1780477201000000,'7b5fd2e9236d63f6','cb-connected',0,NULL);
INSERT INTO "callback_requests" VALUES('returned',1780477201000000,'c5c3488513880513','cb-returned',0,NULL);
INSERT INTO "callback_requests" VALUES('returned-later',1780477201000000,'9497d76f43c73f43','cb-returned-later',0,NULL);
INSERT INTO "callback_requests" VALUES('broken-off',1780477201000000,'f55730d274de434e','cb-broken-off',0,NULL);
INSERT INTO "callback_requests" VALUES('reserving',1780477201000000,'367a77e48955909d','cb-reserving',0,NULL);
INSERT INTO "callback_requests" VALUES('agent-dialling',1780477201000000,'0795a0d591c1959f','cb-agent-dialling',0,NULL);
INSERT INTO "callback_requests" VALUES('agent-asking',1780477201000000,'216b156bf5c057ef','cb-agent-asking',0,NULL);
INSERT INTO "callback_requests" VALUES('agent-accepted',1780477201000000,'22bc694055ccfe36','cb-agent-accepted',0,NULL);
INSERT INTO "callback_requests" VALUES('agent-connected',1780477201000000,'0a85ec03609d577e','cb-agent-connected',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-texted',1780477201000000,'a21e7060d65ab1de','cb-notice-texted',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-delivered',1780477201000000,'665d16bd035cd614','cb-notice-delivered',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-kept',1780477201000000,'0b176aaf83977d64','cb-notice-kept',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-moved',1780477201000000,'d86e7fba47ef3eb9','cb-notice-moved',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-ringing',1780477201000000,'45e99950e2bf4ca1','cb-notice-ringing',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-talking',1780477201000000,'43f9861facd76c3f','cb-notice-talking',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-dialled',1780477201000000,'71c96913231b1909','cb-notice-dialled',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-cancelled',1780477201000000,'b04d306b70e24214','cb-notice-cancelled',0,NULL);
INSERT INTO "callback_requests" VALUES('notice-retry',1780477201000000,'073b2e767b6a2ca5','cb-notice-retry',0,NULL);
INSERT INTO "callback_requests" VALUES('no-route',1780477201000000,'3699f0cf2297d832','cb-no-route',0,NULL);
CREATE TABLE "callbacks" (
	callback TEXT NOT NULL, 
	service TEXT NOT NULL, 
	queue TEXT NOT NULL, 
	number TEXT NOT NULL, 
	caller_name TEXT NOT NULL, 
	language TEXT NOT NULL, 
	joined_at BIGINT NOT NULL, 
	taken_at BIGINT NOT NULL, 
	phase TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	call TEXT, 
	agent_call TEXT, 
	dialled_at BIGINT, 
	not_before BIGINT, 
	why TEXT, 
	agent TEXT, 
	agent_name TEXT, 
	connected_at BIGINT, 
	priority INTEGER DEFAULT '0' NOT NULL, 
	name_prefix TEXT DEFAULT ('') NOT NULL, 
	withheld BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (callback)
);
INSERT INTO "callbacks" VALUES('cb-waiting','support','support','+358401110001','Matti','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-busy','support','support','+358401110002','','fi',1780477201000000,1780477201000000,'waiting',1,NULL,NULL,NULL,1780477382000000,'busy',NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-later','support','support','+358401110003','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,1780478102000000,'customer',NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-per-number','support','support','+358401110004','','fi',1780477201000000,1780477201000000,'waiting',1,NULL,NULL,NULL,1780520400000000,'per_number',NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-call-hours','support','support','+358401110005','','fi',1780477201000000,1780477201000000,'waiting',1,NULL,NULL,NULL,1780549200000000,'busy',NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-at-call-hours','support','support','+358401110015','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,1780480800000000,'call_hours',NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-originate','support','support','+358401110016','','fi',1780477201000000,1780477201000000,'dialling',1,'cb-originate-1',NULL,1780477202000000,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-dialling','support','support','+358401110006','','fi',1780477201000000,1780477201000000,'dialling',1,'cb-dialling-1',NULL,1780477202000000,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-asking','support','support','+358401110007','','fi',1780477201000000,1780477201000000,'asking',1,'cb-asking-1',NULL,1780477202000000,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-accepted','support','support','+358401110008','','fi',1780477201000000,1780477201000000,'accepted',1,'cb-accepted-1',NULL,1780477202000000,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-connected','support','support','+358401110009','','fi',1780477201000000,1780477201000000,'connected',1,'cb-connected-1',NULL,1780477202000000,NULL,NULL,'PJSIP/agent1','Anna',NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-returned','support','support','+358401110010','','fi',1780477201000000,1780477201000000,'returned',0,'1795325295.12001',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-returned-later','support','support','+358401110011','','fi',1780477201000000,1780477201000000,'returned',0,'1795325295.13002',NULL,NULL,1780477802000000,'caller_returned',NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-broken-off','support','support','+358401110012','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,1780477802000000,'caller_returned',NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-1795325295.15004','support','support','+358401110013','Liisa','fi',1780477200000000,1780477200000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,5,'VIP:',0);
INSERT INTO "callbacks" VALUES('cb-1795325295.16004','support','support','+358401110014','','fi',1780477200000000,1780477200000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',1);
INSERT INTO "callbacks" VALUES('cb-reserving','sales','sales','+358401110020','','fi',1780477201000000,1780477201000000,'reserving',0,NULL,'callcentre-agent-cb-reserving-1780477202.000',NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-agent-dialling','sales','sales','+358401110021','','fi',1780477201000000,1780477201000000,'dialling',1,'cb-agent-dialling-1','callcentre-agent-cb-agent-dialling-1780477202.000',1780477202000000,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-agent-asking','sales','sales','+358401110022','','fi',1780477201000000,1780477201000000,'asking',1,'cb-agent-asking-1','callcentre-agent-cb-agent-asking-1780477202.000',1780477202000000,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-agent-accepted','sales','sales','+358401110023','','fi',1780477201000000,1780477201000000,'accepted',1,'cb-agent-accepted-1','callcentre-agent-cb-agent-accepted-1780477202.000',1780477202000000,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-agent-connected','sales','sales','+358401110024','','fi',1780477201000000,1780477201000000,'connected',1,'cb-agent-connected-1','callcentre-agent-cb-agent-connected-1780477202.000',1780477202000000,NULL,NULL,'PJSIP/agent1','Anna',1780477202000000,0,'',0);
INSERT INTO "callbacks" VALUES('cb-notice-texted','support','support','+358401110050','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-notice-delivered','support','support','+358401110051','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-notice-kept','support','support','+358401110052','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-notice-moved','support','support','+358401110054','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-notice-ringing','support','support','+358912340044','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-notice-talking','support','support','+358912340045','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-notice-dialled','support','support','+358401110055','','fi',1780477201000000,1780477201000000,'dialling',1,'cb-notice-dialled-1',NULL,1780477202000000,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-notice-retry','support','support','+358912340046','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
INSERT INTO "callbacks" VALUES('cb-no-route','support','support','+358401110080','','fi',1780477201000000,1780477201000000,'waiting',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'',0);
CREATE TABLE "calls" (
	call TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	queue TEXT NOT NULL, 
	service TEXT NOT NULL, 
	number TEXT NOT NULL, 
	caller_name TEXT NOT NULL, 
	language TEXT NOT NULL, 
	stage TEXT NOT NULL, 
	joined_at BIGINT NOT NULL, 
	entered BIGINT NOT NULL, 
	position INTEGER NOT NULL, 
	agent TEXT, 
	agent_name TEXT, 
	answered BIGINT, 
	waited FLOAT NOT NULL, 
	talked FLOAT NOT NULL, 
	priority INTEGER DEFAULT '0' NOT NULL, 
	name_prefix TEXT DEFAULT ('') NOT NULL, 
	carrier TEXT DEFAULT '' NOT NULL, 
	bridge TEXT DEFAULT '' NOT NULL, 
	beside TEXT DEFAULT '' NOT NULL, 
	behind TEXT DEFAULT '' NOT NULL, 
	followed BOOLEAN DEFAULT 0 NOT NULL, 
	consultation BOOLEAN DEFAULT 0 NOT NULL, 
	conversations JSON DEFAULT '[]' NOT NULL, 
	PRIMARY KEY (call)
);
INSERT INTO "calls" VALUES('cb-accepted-1','PJSIP/trunk-00002711','support','support','+358401110008','','','waiting',1780477201000000,1780477202000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('cb-connected-1','PJSIP/trunk-00002af9','support','support','+358401110009','','','talking',1780477201000000,1780477202000000,1,'PJSIP/agent1','Anna',1780477202000000,0.0,0.0,0,'','','b','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.15001','PJSIP/trunk-00003a99','support','support','+358401110030','','','waiting',1780477200000000,1780477200000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.15002','PJSIP/trunk-00003a9a','support','support','+358401110031','','','waiting',1780477200000000,1780477200000000,2,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.15003','PJSIP/trunk-00003a9b','support','support','+358401110032','','','waiting',1780477200000000,1780477200000000,3,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.16001','PJSIP/trunk-00003e81','support','support','+358401110040','','','waiting',1780477200000000,1780477200000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.16002','PJSIP/trunk-00003e82','support','support','+358401110041','','','waiting',1780477200000000,1780477200000000,2,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.16003','PJSIP/trunk-00003e83','support','support','+358401110042','','','waiting',1780477200000000,1780477200000000,3,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('callcentre-agent-cb-reserving-1780477202.000-queue','Local/sales@callcentre-reserve-00004269;2','sales','sales','+358401110020','','','waiting',1780477201000000,1780477202000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('callcentre-agent-cb-agent-dialling-1780477202.000-queue','Local/sales@callcentre-reserve-00004651;2','sales','sales','+358401110021','','','talking',1780477201000000,1780477202000000,1,'PJSIP/agent1','Anna',1780477202000000,0.0,0.0,0,'','','b','','',0,0,'[]');
INSERT INTO "calls" VALUES('callcentre-agent-cb-agent-asking-1780477202.000-queue','Local/sales@callcentre-reserve-00004a39;2','sales','sales','+358401110022','','','talking',1780477201000000,1780477202000000,1,'PJSIP/agent1','Anna',1780477202000000,0.0,0.0,0,'','','b','','',0,0,'[]');
INSERT INTO "calls" VALUES('callcentre-agent-cb-agent-accepted-1780477202.000-queue','Local/sales@callcentre-reserve-00004e21;2','sales','sales','+358401110023','','','talking',1780477201000000,1780477202000000,1,'PJSIP/agent1','Anna',1780477202000000,0.0,0.0,0,'','','b','','',0,0,'[]');
INSERT INTO "calls" VALUES('callcentre-agent-cb-agent-connected-1780477202.000-queue','Local/sales@callcentre-reserve-00005209;2','sales','sales','+358401110024','','','talking',1780477201000000,1780477202000000,1,'PJSIP/agent1','Anna',1780477202000000,0.0,0.0,0,'','','b','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.37001','PJSIP/trunk-00009089','support','support','+358401110070','','','waiting',1780477200000000,1780477200000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.38001','PJSIP/trunk-00009471','support','support','+358401110071','','','waiting',1780477200000000,1780477200000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.39001','PJSIP/trunk-00009859','support','support','+358401110072','','','waiting',1780477200000000,1780477200000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.40001','PJSIP/trunk-00009c41','support','support','+358401110073','','','waiting',1780477200000000,1780477200000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.41001','PJSIP/trunk-0000a029','support','support','+358401110074','','','waiting',1780477200000000,1780477200000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
INSERT INTO "calls" VALUES('1795325295.42001','PJSIP/trunk-0000a411','support','support','+358401110075','','','waiting',1780477200000000,1780477200000000,1,NULL,NULL,NULL,0.0,0.0,0,'','','','','',0,0,'[]');
CREATE TABLE dial_time (
	"key" TEXT NOT NULL, 
	seconds JSON NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "dial_time" VALUES('dial_time','[0.0]');
CREATE TABLE dialled (
	"key" TEXT NOT NULL, 
	day TEXT NOT NULL, 
	total INTEGER NOT NULL, 
	numbers JSON NOT NULL, 
	alarmed BOOLEAN NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "dialled" VALUES('dialled','2026-06-03',0,'{"11b42f639fad4f9d": 0}',0);
CREATE TABLE greetings (
	"key" TEXT NOT NULL, 
	service TEXT NOT NULL, 
	caller TEXT NOT NULL, 
	message TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "greetings" VALUES('support 11843805f0a67ba2','support','11843805f0a67ba2','welcome-1795325295.37001',1780477200000000);
INSERT INTO "greetings" VALUES('support 705288d1a7b71c3e','support','705288d1a7b71c3e','welcome-1795325295.38001',1780477200000000);
INSERT INTO "greetings" VALUES('support e86245c57d788fd8','support','e86245c57d788fd8','welcome-1795325295.40001',1780477200000000);
INSERT INTO "greetings" VALUES('support 78b0d706610da670','support','78b0d706610da670','welcome-1795325295.41001',1780477200000000);
INSERT INTO "greetings" VALUES('support 675147e4cbe546ea','support','675147e4cbe546ea','welcome-1795325295.42001',1780477200000000);
CREATE TABLE handling (
	service TEXT NOT NULL, 
	talks JSON NOT NULL, 
	PRIMARY KEY (service)
);
INSERT INTO "handling" VALUES('support','[60.0]');
CREATE TABLE journal (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	event TEXT NOT NULL, 
	call TEXT, 
	line TEXT NOT NULL, callback TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "journal" VALUES(1,1780477200000000,'queue.joined','1795325295.15001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":1,"position":1,"waiting":1,"service":"support","queue":"support","call":"1795325295.15001","number":"+35840•••30","caller":"d2ccbad64b2708f1"}',NULL);
INSERT INTO "journal" VALUES(2,1780477200000000,'queue.joined','1795325295.15002','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":2,"position":2,"waiting":2,"service":"support","queue":"support","call":"1795325295.15002","number":"+35840•••31","caller":"da81c65e5a46cdcf"}',NULL);
INSERT INTO "journal" VALUES(3,1780477200000000,'queue.joined','1795325295.15003','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":3,"position":3,"waiting":3,"service":"support","queue":"support","call":"1795325295.15003","number":"+35840•••32","caller":"0d4d8004c8c20d5a"}',NULL);
INSERT INTO "journal" VALUES(4,1780477200000000,'callback.offered','1795325295.15004','{"event":"callback.offered","at":"2026-06-03T09:00:00.000Z","id":4,"position":1,"service":"support","queue":"support","call":"1795325295.15004","number":"+35840•••13","caller":"6458984ea0657af2"}',NULL);
INSERT INTO "journal" VALUES(5,1780477200000000,'callback.accepted','1795325295.15004','{"event":"callback.accepted","at":"2026-06-03T09:00:00.000Z","id":5,"position":1,"service":"support","queue":"support","call":"1795325295.15004","callback":"cb-1795325295.15004","number":"+35840•••13","caller":"6458984ea0657af2","by":"customer"}','cb-1795325295.15004');
INSERT INTO "journal" VALUES(6,1780477200000000,'sms.queued','1795325295.15004','{"event":"sms.queued","at":"2026-06-03T09:00:00.000Z","id":6,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","call":"1795325295.15004","callback":"cb-1795325295.15004","message":"confirmation-cb-1795325295.15004","number":"+35840•••13","caller":"6458984ea0657af2"}','cb-1795325295.15004');
INSERT INTO "journal" VALUES(7,1780477200000000,'queue.joined','1795325295.16001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":7,"position":1,"waiting":1,"service":"support","queue":"support","call":"1795325295.16001","number":"+35840•••40","caller":"1e24c27f6e6ce0ce"}',NULL);
INSERT INTO "journal" VALUES(8,1780477200000000,'queue.joined','1795325295.16002','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":8,"position":2,"waiting":2,"service":"support","queue":"support","call":"1795325295.16002","number":"+35840•••41","caller":"d83019a7ee4f821c"}',NULL);
INSERT INTO "journal" VALUES(9,1780477200000000,'queue.joined','1795325295.16003','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":9,"position":3,"waiting":3,"service":"support","queue":"support","call":"1795325295.16003","number":"+35840•••42","caller":"d825123f000e5f9e"}',NULL);
INSERT INTO "journal" VALUES(10,1780477200000000,'callback.offered','1795325295.16004','{"event":"callback.offered","at":"2026-06-03T09:00:00.000Z","id":10,"position":1,"service":"support","queue":"support","call":"1795325295.16004"}',NULL);
INSERT INTO "journal" VALUES(11,1780477200000000,'callback.accepted','1795325295.16004','{"event":"callback.accepted","at":"2026-06-03T09:00:00.000Z","id":11,"position":1,"service":"support","queue":"support","call":"1795325295.16004","callback":"cb-1795325295.16004","number":"+35840•••14","caller":"ee678a0ccbbdc319","by":"customer"}','cb-1795325295.16004');
INSERT INTO "journal" VALUES(12,1780477200000000,'sms.queued','1795325295.16004','{"event":"sms.queued","at":"2026-06-03T09:00:00.000Z","id":12,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","call":"1795325295.16004","callback":"cb-1795325295.16004","message":"confirmation-cb-1795325295.16004","number":"+35840•••14","caller":"ee678a0ccbbdc319"}','cb-1795325295.16004');
INSERT INTO "journal" VALUES(13,1780477200000000,'queue.joined','1795325295.31001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":13,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.31001","number":"+35840•••60","caller":"bbfea4c86c6a75f0"}',NULL);
INSERT INTO "journal" VALUES(14,1780477200000000,'queue.joined','1795325295.32001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":14,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.32001","number":"+35840•••61","caller":"1ae8dcd8132a4c09"}',NULL);
INSERT INTO "journal" VALUES(15,1780477200000000,'queue.joined','1795325295.33001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":15,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.33001","number":"+35840•••62","caller":"7d51124c0d20ba55"}',NULL);
INSERT INTO "journal" VALUES(16,1780477200000000,'queue.joined','1795325295.34001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":16,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.34001","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(17,1780477200000000,'queue.joined','1795325295.35001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":17,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.35001","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(18,1780477200000000,'queue.joined','1795325295.36001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":18,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.36001","number":"+35840•••65","caller":"857c150ad6a4731c"}',NULL);
INSERT INTO "journal" VALUES(19,1780477200000000,'queue.joined','1795325295.37001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":19,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.37001","number":"+35840•••70","caller":"11843805f0a67ba2"}',NULL);
INSERT INTO "journal" VALUES(20,1780477200000000,'sms.queued','1795325295.37001','{"event":"sms.queued","at":"2026-06-03T09:00:00.000Z","id":20,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.37001","message":"welcome-1795325295.37001","number":"+35840•••70","caller":"11843805f0a67ba2"}',NULL);
INSERT INTO "journal" VALUES(21,1780477200000000,'sms.accepted','1795325295.37001','{"event":"sms.accepted","at":"2026-06-03T09:00:00.000Z","id":21,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.37001","message":"welcome-1795325295.37001","number":"+35840•••70","caller":"11843805f0a67ba2"}',NULL);
INSERT INTO "journal" VALUES(22,1780477200000000,'sms.delivered','1795325295.37001','{"event":"sms.delivered","at":"2026-06-03T09:00:00.000Z","id":22,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.37001","message":"welcome-1795325295.37001","number":"+35840•••70","caller":"11843805f0a67ba2"}',NULL);
INSERT INTO "journal" VALUES(23,1780477200000000,'queue.joined','1795325295.38001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":23,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.38001","number":"+35840•••71","caller":"705288d1a7b71c3e"}',NULL);
INSERT INTO "journal" VALUES(24,1780477200000000,'sms.queued','1795325295.38001','{"event":"sms.queued","at":"2026-06-03T09:00:00.000Z","id":24,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.38001","message":"welcome-1795325295.38001","number":"+35840•••71","caller":"705288d1a7b71c3e"}',NULL);
INSERT INTO "journal" VALUES(25,1780477200000000,'sms.accepted','1795325295.38001','{"event":"sms.accepted","at":"2026-06-03T09:00:00.000Z","id":25,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.38001","message":"welcome-1795325295.38001","number":"+35840•••71","caller":"705288d1a7b71c3e"}',NULL);
INSERT INTO "journal" VALUES(26,1780477200000000,'queue.joined','1795325295.39001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":26,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.39001","number":"+35840•••72","caller":"a24fb349c4d7577d"}',NULL);
INSERT INTO "journal" VALUES(27,1780477200000000,'sms.queued','1795325295.39001','{"event":"sms.queued","at":"2026-06-03T09:00:00.000Z","id":27,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.39001","message":"welcome-1795325295.39001","number":"+35840•••72","caller":"a24fb349c4d7577d"}',NULL);
INSERT INTO "journal" VALUES(28,1780477200000000,'sms.refused','1795325295.39001','{"event":"sms.refused","at":"2026-06-03T09:00:00.000Z","id":28,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.39001","message":"welcome-1795325295.39001","number":"+35840•••72","caller":"a24fb349c4d7577d","reason":"stale"}',NULL);
INSERT INTO "journal" VALUES(29,1780477200000000,'queue.joined','1795325295.40001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":29,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.40001","number":"+35840•••73","caller":"e86245c57d788fd8"}',NULL);
INSERT INTO "journal" VALUES(30,1780477200000000,'sms.queued','1795325295.40001','{"event":"sms.queued","at":"2026-06-03T09:00:00.000Z","id":30,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.40001","message":"welcome-1795325295.40001","number":"+35840•••73","caller":"e86245c57d788fd8"}',NULL);
INSERT INTO "journal" VALUES(31,1780477200000000,'queue.joined','1795325295.41001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":31,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.41001","number":"+35840•••74","caller":"78b0d706610da670"}',NULL);
INSERT INTO "journal" VALUES(32,1780477200000000,'sms.queued','1795325295.41001','{"event":"sms.queued","at":"2026-06-03T09:00:00.000Z","id":32,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.41001","message":"welcome-1795325295.41001","number":"+35840•••74","caller":"78b0d706610da670"}',NULL);
INSERT INTO "journal" VALUES(33,1780477200000000,'queue.joined','1795325295.42001','{"event":"queue.joined","at":"2026-06-03T09:00:00.000Z","id":33,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"1795325295.42001","number":"+35840•••75","caller":"675147e4cbe546ea"}',NULL);
INSERT INTO "journal" VALUES(34,1780477200000000,'sms.queued','1795325295.42001','{"event":"sms.queued","at":"2026-06-03T09:00:00.000Z","id":34,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.42001","message":"welcome-1795325295.42001","number":"+35840•••75","caller":"675147e4cbe546ea"}',NULL);
INSERT INTO "journal" VALUES(35,1780477200000000,'sms.accepted','1795325295.42001','{"event":"sms.accepted","at":"2026-06-03T09:00:00.000Z","id":35,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.42001","message":"welcome-1795325295.42001","number":"+35840•••75","caller":"675147e4cbe546ea"}',NULL);
INSERT INTO "journal" VALUES(36,1780477200000000,'sms.delivered','1795325295.42001','{"event":"sms.delivered","at":"2026-06-03T09:00:00.000Z","id":36,"kind":"welcome","parts":1,"service":"support","queue":"support","call":"1795325295.42001","message":"welcome-1795325295.42001","number":"+35840•••75","caller":"675147e4cbe546ea"}',NULL);
INSERT INTO "journal" VALUES(37,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":37,"position":1,"service":"support","queue":"support","callback":"cb-waiting","number":"+35840•••01","caller":"772f4cfaa2972fdf","by":"staff"}','cb-waiting');
INSERT INTO "journal" VALUES(38,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":38,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-waiting","message":"confirmation-cb-waiting","number":"+35840•••01","caller":"772f4cfaa2972fdf"}','cb-waiting');
INSERT INTO "journal" VALUES(39,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":39,"position":1,"service":"support","queue":"support","callback":"cb-busy","number":"+35840•••02","caller":"43e87705d074849f","by":"staff"}','cb-busy');
INSERT INTO "journal" VALUES(40,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":40,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-busy","message":"confirmation-cb-busy","number":"+35840•••02","caller":"43e87705d074849f"}','cb-busy');
INSERT INTO "journal" VALUES(41,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":41,"position":1,"service":"support","queue":"support","callback":"cb-later","number":"+35840•••03","caller":"503c8caa125c6a6b","by":"staff"}','cb-later');
INSERT INTO "journal" VALUES(42,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":42,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-later","message":"confirmation-cb-later","number":"+35840•••03","caller":"503c8caa125c6a6b"}','cb-later');
INSERT INTO "journal" VALUES(43,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":43,"position":1,"service":"support","queue":"support","callback":"cb-per-number","number":"+35840•••04","caller":"611cf3bf0529918b","by":"staff"}','cb-per-number');
INSERT INTO "journal" VALUES(44,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":44,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-per-number","message":"confirmation-cb-per-number","number":"+35840•••04","caller":"611cf3bf0529918b"}','cb-per-number');
INSERT INTO "journal" VALUES(45,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":45,"position":1,"service":"support","queue":"support","callback":"cb-call-hours","number":"+35840•••05","caller":"47bf70abb64983ee","by":"staff"}','cb-call-hours');
INSERT INTO "journal" VALUES(46,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":46,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-call-hours","message":"confirmation-cb-call-hours","number":"+35840•••05","caller":"47bf70abb64983ee"}','cb-call-hours');
INSERT INTO "journal" VALUES(47,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":47,"position":1,"service":"support","queue":"support","callback":"cb-at-call-hours","number":"+35840•••15","caller":"78f8d9cb189d9c45","by":"staff"}','cb-at-call-hours');
INSERT INTO "journal" VALUES(48,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":48,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-at-call-hours","message":"confirmation-cb-at-call-hours","number":"+35840•••15","caller":"78f8d9cb189d9c45"}','cb-at-call-hours');
INSERT INTO "journal" VALUES(49,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":49,"position":1,"service":"support","queue":"support","callback":"cb-originate","number":"+35840•••16","caller":"bcbe742f4e4a49d3","by":"staff"}','cb-originate');
INSERT INTO "journal" VALUES(50,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":50,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-originate","message":"confirmation-cb-originate","number":"+35840•••16","caller":"bcbe742f4e4a49d3"}','cb-originate');
INSERT INTO "journal" VALUES(51,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":51,"position":1,"service":"support","queue":"support","callback":"cb-dialling","number":"+35840•••06","caller":"57cf69e17b2455e0","by":"staff"}','cb-dialling');
INSERT INTO "journal" VALUES(52,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":52,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-dialling","message":"confirmation-cb-dialling","number":"+35840•••06","caller":"57cf69e17b2455e0"}','cb-dialling');
INSERT INTO "journal" VALUES(53,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":53,"position":1,"service":"support","queue":"support","callback":"cb-asking","number":"+35840•••07","caller":"84e7e1b9d209dfc6","by":"staff"}','cb-asking');
INSERT INTO "journal" VALUES(54,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":54,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-asking","message":"confirmation-cb-asking","number":"+35840•••07","caller":"84e7e1b9d209dfc6"}','cb-asking');
INSERT INTO "journal" VALUES(55,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":55,"position":1,"service":"support","queue":"support","callback":"cb-accepted","number":"+35840•••08","caller":"3aef104cc3da3287","by":"staff"}','cb-accepted');
INSERT INTO "journal" VALUES(56,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":56,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-accepted","message":"confirmation-cb-accepted","number":"+35840•••08","caller":"3aef104cc3da3287"}','cb-accepted');
INSERT INTO "journal" VALUES(57,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":57,"position":1,"service":"support","queue":"support","callback":"cb-connected","number":"+35840•••09","caller":"7f92ed2da94b0092","by":"staff"}','cb-connected');
INSERT INTO "journal" VALUES(58,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":58,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-connected","message":"confirmation-cb-connected","number":"+35840•••09","caller":"7f92ed2da94b0092"}','cb-connected');
INSERT INTO "journal" VALUES(59,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":59,"position":1,"service":"support","queue":"support","callback":"cb-returned","number":"+35840•••10","caller":"9c470232f7e2241d","by":"staff"}','cb-returned');
INSERT INTO "journal" VALUES(60,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":60,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-returned","message":"confirmation-cb-returned","number":"+35840•••10","caller":"9c470232f7e2241d"}','cb-returned');
INSERT INTO "journal" VALUES(61,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":61,"position":1,"service":"support","queue":"support","callback":"cb-returned-later","number":"+35840•••11","caller":"f061803e971dae40","by":"staff"}','cb-returned-later');
INSERT INTO "journal" VALUES(62,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":62,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-returned-later","message":"confirmation-cb-returned-later","number":"+35840•••11","caller":"f061803e971dae40"}','cb-returned-later');
INSERT INTO "journal" VALUES(63,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":63,"position":1,"service":"support","queue":"support","callback":"cb-broken-off","number":"+35840•••12","caller":"34a2bb4480989f3b","by":"staff"}','cb-broken-off');
INSERT INTO "journal" VALUES(64,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":64,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-broken-off","message":"confirmation-cb-broken-off","number":"+35840•••12","caller":"34a2bb4480989f3b"}','cb-broken-off');
INSERT INTO "journal" VALUES(65,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":65,"position":1,"service":"sales","queue":"sales","callback":"cb-reserving","number":"+35840•••20","caller":"bef1772632a25575","by":"staff"}','cb-reserving');
INSERT INTO "journal" VALUES(66,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":66,"position":1,"service":"sales","queue":"sales","callback":"cb-agent-dialling","number":"+35840•••21","caller":"ee00bdeec54bdfa4","by":"staff"}','cb-agent-dialling');
INSERT INTO "journal" VALUES(67,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":67,"position":1,"service":"sales","queue":"sales","callback":"cb-agent-asking","number":"+35840•••22","caller":"ab6e24e28385d88a","by":"staff"}','cb-agent-asking');
INSERT INTO "journal" VALUES(68,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":68,"position":1,"service":"sales","queue":"sales","callback":"cb-agent-accepted","number":"+35840•••23","caller":"fd50ab7151bcbdd7","by":"staff"}','cb-agent-accepted');
INSERT INTO "journal" VALUES(69,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":69,"position":1,"service":"sales","queue":"sales","callback":"cb-agent-connected","number":"+35840•••24","caller":"a2ba87147f7e5466","by":"staff"}','cb-agent-connected');
INSERT INTO "journal" VALUES(70,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":70,"position":1,"service":"support","queue":"support","callback":"cb-notice-texted","number":"+35840•••50","caller":"2b675399bc34b048","by":"staff"}','cb-notice-texted');
INSERT INTO "journal" VALUES(71,1780477201000000,'notice.sent',NULL,'{"event":"notice.sent","at":"2026-06-03T09:00:01.000Z","id":71,"position":1,"service":"support","queue":"support","callback":"cb-notice-texted","number":"+35840•••50","caller":"2b675399bc34b048","by":"sms"}','cb-notice-texted');
INSERT INTO "journal" VALUES(72,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":72,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-texted","message":"notice-cb-notice-texted","number":"+35840•••50","caller":"2b675399bc34b048"}','cb-notice-texted');
INSERT INTO "journal" VALUES(73,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":73,"position":1,"service":"support","queue":"support","callback":"cb-notice-delivered","number":"+35840•••51","caller":"ebbd40607dec8ea7","by":"staff"}','cb-notice-delivered');
INSERT INTO "journal" VALUES(74,1780477201000000,'notice.sent',NULL,'{"event":"notice.sent","at":"2026-06-03T09:00:01.000Z","id":74,"position":1,"service":"support","queue":"support","callback":"cb-notice-delivered","number":"+35840•••51","caller":"ebbd40607dec8ea7","by":"sms"}','cb-notice-delivered');
INSERT INTO "journal" VALUES(75,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":75,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-delivered","message":"notice-cb-notice-delivered","number":"+35840•••51","caller":"ebbd40607dec8ea7"}','cb-notice-delivered');
INSERT INTO "journal" VALUES(76,1780477201000000,'sms.accepted',NULL,'{"event":"sms.accepted","at":"2026-06-03T09:00:01.000Z","id":76,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-delivered","message":"notice-cb-notice-delivered","number":"+35840•••51","caller":"ebbd40607dec8ea7"}','cb-notice-delivered');
INSERT INTO "journal" VALUES(77,1780477201000000,'sms.delivered',NULL,'{"event":"sms.delivered","at":"2026-06-03T09:00:01.000Z","id":77,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-delivered","message":"notice-cb-notice-delivered","number":"+35840•••51","caller":"ebbd40607dec8ea7"}','cb-notice-delivered');
INSERT INTO "journal" VALUES(78,1780477201000000,'notice.delivered',NULL,'{"event":"notice.delivered","at":"2026-06-03T09:00:01.000Z","id":78,"position":1,"service":"support","queue":"support","callback":"cb-notice-delivered","number":"+35840•••51","caller":"ebbd40607dec8ea7","by":"sms"}','cb-notice-delivered');
INSERT INTO "journal" VALUES(79,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":79,"position":1,"service":"support","queue":"support","callback":"cb-notice-kept","number":"+35840•••52","caller":"364bc51ab55639d0","by":"staff"}','cb-notice-kept');
INSERT INTO "journal" VALUES(80,1780477201000000,'notice.sent',NULL,'{"event":"notice.sent","at":"2026-06-03T09:00:01.000Z","id":80,"position":1,"service":"support","queue":"support","callback":"cb-notice-kept","number":"+35840•••52","caller":"364bc51ab55639d0","by":"sms"}','cb-notice-kept');
INSERT INTO "journal" VALUES(81,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":81,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-kept","message":"notice-cb-notice-kept","number":"+35840•••52","caller":"364bc51ab55639d0"}','cb-notice-kept');
INSERT INTO "journal" VALUES(82,1780477201000000,'sms.accepted',NULL,'{"event":"sms.accepted","at":"2026-06-03T09:00:01.000Z","id":82,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-kept","message":"notice-cb-notice-kept","number":"+35840•••52","caller":"364bc51ab55639d0"}','cb-notice-kept');
INSERT INTO "journal" VALUES(83,1780477201000000,'sms.delivered',NULL,'{"event":"sms.delivered","at":"2026-06-03T09:00:01.000Z","id":83,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-kept","message":"notice-cb-notice-kept","number":"+35840•••52","caller":"364bc51ab55639d0"}','cb-notice-kept');
INSERT INTO "journal" VALUES(84,1780477201000000,'notice.delivered',NULL,'{"event":"notice.delivered","at":"2026-06-03T09:00:01.000Z","id":84,"position":1,"service":"support","queue":"support","callback":"cb-notice-kept","number":"+35840•••52","caller":"364bc51ab55639d0","by":"sms"}','cb-notice-kept');
INSERT INTO "journal" VALUES(85,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":85,"position":1,"service":"support","queue":"support","callback":"cb-notice-moved","number":"+35840•••53","caller":"d7600f124ab5aac8","by":"staff"}','cb-notice-moved');
INSERT INTO "journal" VALUES(86,1780477201000000,'notice.sent',NULL,'{"event":"notice.sent","at":"2026-06-03T09:00:01.000Z","id":86,"position":1,"service":"support","queue":"support","callback":"cb-notice-moved","number":"+35840•••53","caller":"d7600f124ab5aac8","by":"sms"}','cb-notice-moved');
INSERT INTO "journal" VALUES(87,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":87,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-moved","message":"notice-cb-notice-moved","number":"+35840•••53","caller":"d7600f124ab5aac8"}','cb-notice-moved');
INSERT INTO "journal" VALUES(88,1780477201000000,'sms.accepted',NULL,'{"event":"sms.accepted","at":"2026-06-03T09:00:01.000Z","id":88,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-moved","message":"notice-cb-notice-moved","number":"+35840•••53","caller":"d7600f124ab5aac8"}','cb-notice-moved');
INSERT INTO "journal" VALUES(89,1780477201000000,'sms.delivered',NULL,'{"event":"sms.delivered","at":"2026-06-03T09:00:01.000Z","id":89,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-moved","message":"notice-cb-notice-moved","number":"+35840•••53","caller":"d7600f124ab5aac8"}','cb-notice-moved');
INSERT INTO "journal" VALUES(90,1780477201000000,'notice.delivered',NULL,'{"event":"notice.delivered","at":"2026-06-03T09:00:01.000Z","id":90,"position":1,"service":"support","queue":"support","callback":"cb-notice-moved","number":"+35840•••53","caller":"d7600f124ab5aac8","by":"sms"}','cb-notice-moved');
INSERT INTO "journal" VALUES(91,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":91,"position":1,"service":"support","queue":"support","callback":"cb-notice-ringing","number":"+35891•••44","caller":"07f7a6b3eb25f5ad","by":"staff"}','cb-notice-ringing');
INSERT INTO "journal" VALUES(92,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":92,"position":1,"service":"support","queue":"support","callback":"cb-notice-talking","number":"+35891•••45","caller":"8ea1e00273e9fc49","by":"staff"}','cb-notice-talking');
INSERT INTO "journal" VALUES(93,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":93,"position":1,"service":"support","queue":"support","callback":"cb-notice-dialled","number":"+35840•••55","caller":"8ccd23bb52a36226","by":"staff"}','cb-notice-dialled');
INSERT INTO "journal" VALUES(94,1780477201000000,'notice.sent',NULL,'{"event":"notice.sent","at":"2026-06-03T09:00:01.000Z","id":94,"position":1,"service":"support","queue":"support","callback":"cb-notice-dialled","number":"+35840•••55","caller":"8ccd23bb52a36226","by":"sms"}','cb-notice-dialled');
INSERT INTO "journal" VALUES(95,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":95,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-dialled","message":"notice-cb-notice-dialled","number":"+35840•••55","caller":"8ccd23bb52a36226"}','cb-notice-dialled');
INSERT INTO "journal" VALUES(96,1780477201000000,'sms.accepted',NULL,'{"event":"sms.accepted","at":"2026-06-03T09:00:01.000Z","id":96,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-dialled","message":"notice-cb-notice-dialled","number":"+35840•••55","caller":"8ccd23bb52a36226"}','cb-notice-dialled');
INSERT INTO "journal" VALUES(97,1780477201000000,'sms.delivered',NULL,'{"event":"sms.delivered","at":"2026-06-03T09:00:01.000Z","id":97,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-dialled","message":"notice-cb-notice-dialled","number":"+35840•••55","caller":"8ccd23bb52a36226"}','cb-notice-dialled');
INSERT INTO "journal" VALUES(98,1780477201000000,'notice.delivered',NULL,'{"event":"notice.delivered","at":"2026-06-03T09:00:01.000Z","id":98,"position":1,"service":"support","queue":"support","callback":"cb-notice-dialled","number":"+35840•••55","caller":"8ccd23bb52a36226","by":"sms"}','cb-notice-dialled');
INSERT INTO "journal" VALUES(99,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":99,"position":1,"service":"support","queue":"support","callback":"cb-notice-cancelled","number":"+35840•••56","caller":"fd42cc1466cd377a","by":"staff"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(100,1780477201000000,'notice.sent',NULL,'{"event":"notice.sent","at":"2026-06-03T09:00:01.000Z","id":100,"position":1,"service":"support","queue":"support","callback":"cb-notice-cancelled","number":"+35840•••56","caller":"fd42cc1466cd377a","by":"sms"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(101,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":101,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-cancelled","message":"notice-cb-notice-cancelled","number":"+35840•••56","caller":"fd42cc1466cd377a"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(102,1780477201000000,'sms.accepted',NULL,'{"event":"sms.accepted","at":"2026-06-03T09:00:01.000Z","id":102,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-cancelled","message":"notice-cb-notice-cancelled","number":"+35840•••56","caller":"fd42cc1466cd377a"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(103,1780477201000000,'sms.delivered',NULL,'{"event":"sms.delivered","at":"2026-06-03T09:00:01.000Z","id":103,"kind":"callback_notice","parts":1,"service":"support","queue":"support","callback":"cb-notice-cancelled","message":"notice-cb-notice-cancelled","number":"+35840•••56","caller":"fd42cc1466cd377a"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(104,1780477201000000,'notice.delivered',NULL,'{"event":"notice.delivered","at":"2026-06-03T09:00:01.000Z","id":104,"position":1,"service":"support","queue":"support","callback":"cb-notice-cancelled","number":"+35840•••56","caller":"fd42cc1466cd377a","by":"sms"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(105,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":105,"position":1,"service":"support","queue":"support","callback":"cb-notice-retry","number":"+35891•••46","caller":"9d918c3916db6e6e","by":"staff"}','cb-notice-retry');
INSERT INTO "journal" VALUES(106,1780477201000000,'sms.received',NULL,'{"event":"sms.received","at":"2026-06-03T09:00:01.000Z","id":106,"number":"+35840•••75","caller":"675147e4cbe546ea"}',NULL);
INSERT INTO "journal" VALUES(107,1780477201000000,'number.opted_out',NULL,'{"event":"number.opted_out","at":"2026-06-03T09:00:01.000Z","id":107,"number":"+35840•••75","caller":"675147e4cbe546ea","by":"sms"}',NULL);
INSERT INTO "journal" VALUES(108,1780477201000000,'callback.accepted',NULL,'{"event":"callback.accepted","at":"2026-06-03T09:00:01.000Z","id":108,"position":1,"service":"support","queue":"support","callback":"cb-no-route","number":"+35840•••80","caller":"11b42f639fad4f9d","by":"staff"}','cb-no-route');
INSERT INTO "journal" VALUES(109,1780477201000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:01.000Z","id":109,"kind":"callback_confirmation","parts":1,"service":"support","queue":"support","callback":"cb-no-route","message":"confirmation-cb-no-route","number":"+35840•••80","caller":"11b42f639fad4f9d"}','cb-no-route');
INSERT INTO "journal" VALUES(110,1780477202000000,'callback.dialled','cb-busy-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":110,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-busy-1","callback":"cb-busy","number":"+35840•••02","caller":"43e87705d074849f"}','cb-busy');
INSERT INTO "journal" VALUES(111,1780477202000000,'callback.postponed','cb-busy-1','{"event":"callback.postponed","at":"2026-06-03T09:00:02.000Z","id":111,"attempt":1,"service":"support","queue":"support","call":"cb-busy-1","callback":"cb-busy","number":"+35840•••02","caller":"43e87705d074849f","reason":"busy"}','cb-busy');
INSERT INTO "journal" VALUES(112,1780477202000000,'callback.dialled','cb-later-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":112,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-later-1","callback":"cb-later","number":"+35840•••03","caller":"503c8caa125c6a6b"}','cb-later');
INSERT INTO "journal" VALUES(113,1780477202000000,'callback.postponed','cb-later-1','{"event":"callback.postponed","at":"2026-06-03T09:00:02.000Z","id":113,"attempt":1,"service":"support","queue":"support","call":"cb-later-1","callback":"cb-later","number":"+35840•••03","caller":"503c8caa125c6a6b","reason":"customer"}','cb-later');
INSERT INTO "journal" VALUES(114,1780477202000000,'callback.dialled','cb-per-number-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":114,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-per-number-1","callback":"cb-per-number","number":"+35840•••04","caller":"611cf3bf0529918b"}','cb-per-number');
INSERT INTO "journal" VALUES(115,1780477202000000,'callback.postponed','cb-per-number-1','{"event":"callback.postponed","at":"2026-06-03T09:00:02.000Z","id":115,"attempt":1,"service":"support","queue":"support","call":"cb-per-number-1","callback":"cb-per-number","number":"+35840•••04","caller":"611cf3bf0529918b","reason":"busy"}','cb-per-number');
INSERT INTO "journal" VALUES(116,1780477202000000,'callback.dialled','cb-call-hours-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":116,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-call-hours-1","callback":"cb-call-hours","number":"+35840•••05","caller":"47bf70abb64983ee"}','cb-call-hours');
INSERT INTO "journal" VALUES(117,1780477202000000,'callback.postponed','cb-call-hours-1','{"event":"callback.postponed","at":"2026-06-03T09:00:02.000Z","id":117,"attempt":1,"service":"support","queue":"support","call":"cb-call-hours-1","callback":"cb-call-hours","number":"+35840•••05","caller":"47bf70abb64983ee","reason":"busy"}','cb-call-hours');
INSERT INTO "journal" VALUES(118,1780477202000000,'callback.postponed',NULL,'{"event":"callback.postponed","at":"2026-06-03T09:00:02.000Z","id":118,"attempt":0,"service":"support","queue":"support","callback":"cb-at-call-hours","number":"+35840•••15","caller":"78f8d9cb189d9c45","reason":"call_hours"}','cb-at-call-hours');
INSERT INTO "journal" VALUES(119,1780477202000000,'callback.dialled','cb-originate-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":119,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-originate-1","callback":"cb-originate","number":"+35840•••16","caller":"bcbe742f4e4a49d3"}','cb-originate');
INSERT INTO "journal" VALUES(120,1780477202000000,'callback.dialled','cb-dialling-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":120,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-dialling-1","callback":"cb-dialling","number":"+35840•••06","caller":"57cf69e17b2455e0"}','cb-dialling');
INSERT INTO "journal" VALUES(121,1780477202000000,'callback.dialled','cb-asking-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":121,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-asking-1","callback":"cb-asking","number":"+35840•••07","caller":"84e7e1b9d209dfc6"}','cb-asking');
INSERT INTO "journal" VALUES(122,1780477202000000,'callback.dialled','cb-accepted-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":122,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-accepted-1","callback":"cb-accepted","number":"+35840•••08","caller":"3aef104cc3da3287"}','cb-accepted');
INSERT INTO "journal" VALUES(123,1780477202000000,'callback.confirmed','cb-accepted-1','{"event":"callback.confirmed","at":"2026-06-03T09:00:02.000Z","id":123,"attempt":1,"service":"support","queue":"support","call":"cb-accepted-1","callback":"cb-accepted","number":"+35840•••08","caller":"3aef104cc3da3287"}','cb-accepted');
INSERT INTO "journal" VALUES(124,1780477202000000,'queue.joined','cb-accepted-1','{"event":"queue.joined","at":"2026-06-03T09:00:02.000Z","id":124,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"cb-accepted-1","number":"+35840•••08","caller":"3aef104cc3da3287"}',NULL);
INSERT INTO "journal" VALUES(125,1780477202000000,'callback.queued','cb-accepted-1','{"event":"callback.queued","at":"2026-06-03T09:00:02.000Z","id":125,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-accepted-1","callback":"cb-accepted","number":"+35840•••08","caller":"3aef104cc3da3287"}','cb-accepted');
INSERT INTO "journal" VALUES(126,1780477202000000,'callback.dialled','cb-connected-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":126,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-connected-1","callback":"cb-connected","number":"+35840•••09","caller":"7f92ed2da94b0092"}','cb-connected');
INSERT INTO "journal" VALUES(127,1780477202000000,'callback.confirmed','cb-connected-1','{"event":"callback.confirmed","at":"2026-06-03T09:00:02.000Z","id":127,"attempt":1,"service":"support","queue":"support","call":"cb-connected-1","callback":"cb-connected","number":"+35840•••09","caller":"7f92ed2da94b0092"}','cb-connected');
INSERT INTO "journal" VALUES(128,1780477202000000,'queue.joined','cb-connected-1','{"event":"queue.joined","at":"2026-06-03T09:00:02.000Z","id":128,"position":1,"waiting":1,"estimated_wait":0.0,"service":"support","queue":"support","call":"cb-connected-1","number":"+35840•••09","caller":"7f92ed2da94b0092"}',NULL);
INSERT INTO "journal" VALUES(129,1780477202000000,'callback.queued','cb-connected-1','{"event":"callback.queued","at":"2026-06-03T09:00:02.000Z","id":129,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-connected-1","callback":"cb-connected","number":"+35840•••09","caller":"7f92ed2da94b0092"}','cb-connected');
INSERT INTO "journal" VALUES(130,1780477202000000,'queue.answered','cb-connected-1','{"event":"queue.answered","at":"2026-06-03T09:00:02.000Z","id":130,"wait":0.0,"position":1,"service":"support","queue":"support","call":"cb-connected-1","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••09","caller":"7f92ed2da94b0092"}',NULL);
INSERT INTO "journal" VALUES(131,1780477202000000,'queue.left','cb-connected-1','{"event":"queue.left","at":"2026-06-03T09:00:02.000Z","id":131,"wait":0.0,"position":1,"service":"support","queue":"support","call":"cb-connected-1","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••09","caller":"7f92ed2da94b0092","reason":"answered"}',NULL);
INSERT INTO "journal" VALUES(132,1780477202000000,'callback.connected','cb-connected-1','{"event":"callback.connected","at":"2026-06-03T09:00:02.000Z","id":132,"attempt":1,"wait":0.0,"service":"support","queue":"support","call":"cb-connected-1","callback":"cb-connected","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••09","caller":"7f92ed2da94b0092"}','cb-connected');
INSERT INTO "journal" VALUES(133,1780477202000000,'callback.dialled','cb-returned-later-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":133,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-returned-later-1","callback":"cb-returned-later","number":"+35840•••11","caller":"f061803e971dae40"}','cb-returned-later');
INSERT INTO "journal" VALUES(134,1780477202000000,'callback.postponed','cb-returned-later-1','{"event":"callback.postponed","at":"2026-06-03T09:00:02.000Z","id":134,"attempt":1,"service":"support","queue":"support","call":"cb-returned-later-1","callback":"cb-returned-later","number":"+35840•••11","caller":"f061803e971dae40","reason":"caller_returned"}','cb-returned-later');
INSERT INTO "journal" VALUES(135,1780477202000000,'callback.dialled','cb-broken-off-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":135,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-broken-off-1","callback":"cb-broken-off","number":"+35840•••12","caller":"34a2bb4480989f3b"}','cb-broken-off');
INSERT INTO "journal" VALUES(136,1780477202000000,'callback.postponed','cb-broken-off-1','{"event":"callback.postponed","at":"2026-06-03T09:00:02.000Z","id":136,"attempt":1,"service":"support","queue":"support","call":"cb-broken-off-1","callback":"cb-broken-off","number":"+35840•••12","caller":"34a2bb4480989f3b","reason":"caller_returned"}','cb-broken-off');
INSERT INTO "journal" VALUES(137,1780477202000000,'callback.dialled','cb-agent-dialling-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":137,"position":1,"attempt":1,"service":"sales","queue":"sales","call":"cb-agent-dialling-1","callback":"cb-agent-dialling","number":"+35840•••21","caller":"ee00bdeec54bdfa4"}','cb-agent-dialling');
INSERT INTO "journal" VALUES(138,1780477202000000,'callback.dialled','cb-agent-asking-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":138,"position":1,"attempt":1,"service":"sales","queue":"sales","call":"cb-agent-asking-1","callback":"cb-agent-asking","number":"+35840•••22","caller":"ab6e24e28385d88a"}','cb-agent-asking');
INSERT INTO "journal" VALUES(139,1780477202000000,'callback.dialled','cb-agent-accepted-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":139,"position":1,"attempt":1,"service":"sales","queue":"sales","call":"cb-agent-accepted-1","callback":"cb-agent-accepted","number":"+35840•••23","caller":"fd50ab7151bcbdd7"}','cb-agent-accepted');
INSERT INTO "journal" VALUES(140,1780477202000000,'callback.confirmed','cb-agent-accepted-1','{"event":"callback.confirmed","at":"2026-06-03T09:00:02.000Z","id":140,"attempt":1,"service":"sales","queue":"sales","call":"cb-agent-accepted-1","callback":"cb-agent-accepted","number":"+35840•••23","caller":"fd50ab7151bcbdd7"}','cb-agent-accepted');
INSERT INTO "journal" VALUES(141,1780477202000000,'callback.dialled','cb-agent-connected-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":141,"position":1,"attempt":1,"service":"sales","queue":"sales","call":"cb-agent-connected-1","callback":"cb-agent-connected","number":"+35840•••24","caller":"a2ba87147f7e5466"}','cb-agent-connected');
INSERT INTO "journal" VALUES(142,1780477202000000,'callback.confirmed','cb-agent-connected-1','{"event":"callback.confirmed","at":"2026-06-03T09:00:02.000Z","id":142,"attempt":1,"service":"sales","queue":"sales","call":"cb-agent-connected-1","callback":"cb-agent-connected","number":"+35840•••24","caller":"a2ba87147f7e5466"}','cb-agent-connected');
INSERT INTO "journal" VALUES(143,1780477202000000,'queue.joined','cb-agent-connected-1','{"event":"queue.joined","at":"2026-06-03T09:00:02.000Z","id":143,"position":1,"waiting":1,"service":"sales","queue":"sales","call":"cb-agent-connected-1","callback":"cb-agent-connected","number":"+35840•••24","caller":"a2ba87147f7e5466"}','cb-agent-connected');
INSERT INTO "journal" VALUES(144,1780477202000000,'queue.answered','cb-agent-connected-1','{"event":"queue.answered","at":"2026-06-03T09:00:02.000Z","id":144,"wait":0.0,"position":1,"service":"sales","queue":"sales","call":"cb-agent-connected-1","callback":"cb-agent-connected","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••24","caller":"a2ba87147f7e5466"}','cb-agent-connected');
INSERT INTO "journal" VALUES(145,1780477202000000,'queue.left','cb-agent-connected-1','{"event":"queue.left","at":"2026-06-03T09:00:02.000Z","id":145,"wait":0.0,"position":1,"service":"sales","queue":"sales","call":"cb-agent-connected-1","callback":"cb-agent-connected","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••24","caller":"a2ba87147f7e5466","reason":"answered"}','cb-agent-connected');
INSERT INTO "journal" VALUES(146,1780477202000000,'callback.queued','cb-agent-connected-1','{"event":"callback.queued","at":"2026-06-03T09:00:02.000Z","id":146,"position":1,"attempt":1,"service":"sales","queue":"sales","call":"cb-agent-connected-1","callback":"cb-agent-connected","number":"+35840•••24","caller":"a2ba87147f7e5466"}','cb-agent-connected');
INSERT INTO "journal" VALUES(147,1780477202000000,'callback.connected','cb-agent-connected-1','{"event":"callback.connected","at":"2026-06-03T09:00:02.000Z","id":147,"attempt":1,"wait":0.0,"service":"sales","queue":"sales","call":"cb-agent-connected-1","callback":"cb-agent-connected","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••24","caller":"a2ba87147f7e5466"}','cb-agent-connected');
INSERT INTO "journal" VALUES(148,1780477202000000,'sms.received',NULL,'{"event":"sms.received","at":"2026-06-03T09:00:02.000Z","id":148,"number":"+35840•••52","caller":"364bc51ab55639d0"}',NULL);
INSERT INTO "journal" VALUES(149,1780477202000000,'notice.answered',NULL,'{"event":"notice.answered","at":"2026-06-03T09:00:02.000Z","id":149,"position":1,"service":"support","queue":"support","callback":"cb-notice-kept","number":"+35840•••52","caller":"364bc51ab55639d0","reason":"keep","by":"sms"}','cb-notice-kept');
INSERT INTO "journal" VALUES(150,1780477202000000,'sms.received',NULL,'{"event":"sms.received","at":"2026-06-03T09:00:02.000Z","id":150,"number":"+35840•••53","caller":"d7600f124ab5aac8"}',NULL);
INSERT INTO "journal" VALUES(151,1780477202000000,'notice.answered',NULL,'{"event":"notice.answered","at":"2026-06-03T09:00:02.000Z","id":151,"position":1,"service":"support","queue":"support","callback":"cb-notice-moved","number":"+35840•••53","caller":"d7600f124ab5aac8","reason":"number","by":"sms"}','cb-notice-moved');
INSERT INTO "journal" VALUES(152,1780477202000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:02.000Z","id":152,"kind":"callback_moved","parts":1,"service":"support","queue":"support","callback":"cb-notice-moved","message":"notice-cb-notice-moved-moved-1","number":"+35840•••53","caller":"d7600f124ab5aac8"}','cb-notice-moved');
INSERT INTO "journal" VALUES(153,1780477202000000,'notice.sent','cb-notice-ringing-notice-1','{"event":"notice.sent","at":"2026-06-03T09:00:02.000Z","id":153,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-notice-ringing-notice-1","callback":"cb-notice-ringing","number":"+35891•••44","caller":"07f7a6b3eb25f5ad","by":"voice"}','cb-notice-ringing');
INSERT INTO "journal" VALUES(154,1780477202000000,'notice.sent','cb-notice-talking-notice-1','{"event":"notice.sent","at":"2026-06-03T09:00:02.000Z","id":154,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-notice-talking-notice-1","callback":"cb-notice-talking","number":"+35891•••45","caller":"8ea1e00273e9fc49","by":"voice"}','cb-notice-talking');
INSERT INTO "journal" VALUES(155,1780477202000000,'notice.delivered','cb-notice-talking-notice-1','{"event":"notice.delivered","at":"2026-06-03T09:00:02.000Z","id":155,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-notice-talking-notice-1","callback":"cb-notice-talking","number":"+35891•••45","caller":"8ea1e00273e9fc49","by":"voice"}','cb-notice-talking');
INSERT INTO "journal" VALUES(156,1780477202000000,'callback.dialled','cb-notice-dialled-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":156,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-notice-dialled-1","callback":"cb-notice-dialled","number":"+35840•••55","caller":"8ccd23bb52a36226"}','cb-notice-dialled');
INSERT INTO "journal" VALUES(157,1780477202000000,'sms.received',NULL,'{"event":"sms.received","at":"2026-06-03T09:00:02.000Z","id":157,"number":"+35840•••56","caller":"fd42cc1466cd377a"}',NULL);
INSERT INTO "journal" VALUES(158,1780477202000000,'notice.answered',NULL,'{"event":"notice.answered","at":"2026-06-03T09:00:02.000Z","id":158,"position":1,"service":"support","queue":"support","callback":"cb-notice-cancelled","number":"+35840•••56","caller":"fd42cc1466cd377a","reason":"cancel","by":"sms"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(159,1780477202000000,'callback.cancelled',NULL,'{"event":"callback.cancelled","at":"2026-06-03T09:00:02.000Z","id":159,"service":"support","queue":"support","callback":"cb-notice-cancelled","number":"+35840•••56","caller":"fd42cc1466cd377a","by":"sms"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(160,1780477202000000,'sms.queued',NULL,'{"event":"sms.queued","at":"2026-06-03T09:00:02.000Z","id":160,"kind":"callback_cancelled","parts":1,"service":"support","queue":"support","callback":"cb-notice-cancelled","message":"notice-cb-notice-cancelled-cancelled-1","number":"+35840•••56","caller":"fd42cc1466cd377a"}','cb-notice-cancelled');
INSERT INTO "journal" VALUES(161,1780477202000000,'notice.sent','cb-notice-retry-notice-1','{"event":"notice.sent","at":"2026-06-03T09:00:02.000Z","id":161,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-notice-retry-notice-1","callback":"cb-notice-retry","number":"+35891•••46","caller":"9d918c3916db6e6e","by":"voice"}','cb-notice-retry');
INSERT INTO "journal" VALUES(162,1780477202000000,'notice.failed','cb-notice-retry-notice-1','{"event":"notice.failed","at":"2026-06-03T09:00:02.000Z","id":162,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-notice-retry-notice-1","callback":"cb-notice-retry","number":"+35891•••46","caller":"9d918c3916db6e6e","reason":"busy","by":"voice"}','cb-notice-retry');
INSERT INTO "journal" VALUES(163,1780477202000000,'callback.dialled','cb-no-route-1','{"event":"callback.dialled","at":"2026-06-03T09:00:02.000Z","id":163,"position":1,"attempt":1,"service":"support","queue":"support","call":"cb-no-route-1","callback":"cb-no-route","number":"+35840•••80","caller":"11b42f639fad4f9d"}','cb-no-route');
INSERT INTO "journal" VALUES(164,1780477202000000,'alarm.raised',NULL,'{"event":"alarm.raised","at":"2026-06-03T09:00:02.000Z","id":164,"reason":"dialling_no_route"}',NULL);
INSERT INTO "journal" VALUES(165,1780477202000000,'callback.not_dialled','cb-no-route-1','{"event":"callback.not_dialled","at":"2026-06-03T09:00:02.000Z","id":165,"attempt":1,"service":"support","queue":"support","call":"cb-no-route-1","callback":"cb-no-route","number":"+35840•••80","caller":"11b42f639fad4f9d","reason":"no_route"}','cb-no-route');
INSERT INTO "journal" VALUES(166,1780477205000000,'queue.answered','1795325295.31001','{"event":"queue.answered","at":"2026-06-03T09:00:05.000Z","id":166,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.31001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••60","caller":"bbfea4c86c6a75f0"}',NULL);
INSERT INTO "journal" VALUES(167,1780477205000000,'queue.left','1795325295.31001','{"event":"queue.left","at":"2026-06-03T09:00:05.000Z","id":167,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.31001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••60","caller":"bbfea4c86c6a75f0","reason":"answered"}',NULL);
INSERT INTO "journal" VALUES(168,1780477205000000,'queue.answered','1795325295.32001','{"event":"queue.answered","at":"2026-06-03T09:00:05.000Z","id":168,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.32001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••61","caller":"1ae8dcd8132a4c09"}',NULL);
INSERT INTO "journal" VALUES(169,1780477205000000,'queue.left','1795325295.32001','{"event":"queue.left","at":"2026-06-03T09:00:05.000Z","id":169,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.32001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••61","caller":"1ae8dcd8132a4c09","reason":"answered"}',NULL);
INSERT INTO "journal" VALUES(170,1780477205000000,'queue.answered','1795325295.33001','{"event":"queue.answered","at":"2026-06-03T09:00:05.000Z","id":170,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.33001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••62","caller":"7d51124c0d20ba55"}',NULL);
INSERT INTO "journal" VALUES(171,1780477205000000,'queue.left','1795325295.33001','{"event":"queue.left","at":"2026-06-03T09:00:05.000Z","id":171,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.33001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••62","caller":"7d51124c0d20ba55","reason":"answered"}',NULL);
INSERT INTO "journal" VALUES(172,1780477205000000,'queue.answered','1795325295.34001','{"event":"queue.answered","at":"2026-06-03T09:00:05.000Z","id":172,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.34001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(173,1780477205000000,'queue.left','1795325295.34001','{"event":"queue.left","at":"2026-06-03T09:00:05.000Z","id":173,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.34001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••63","caller":"47a1a0452ecebc37","reason":"answered"}',NULL);
INSERT INTO "journal" VALUES(174,1780477205000000,'queue.answered','1795325295.35001','{"event":"queue.answered","at":"2026-06-03T09:00:05.000Z","id":174,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.35001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(175,1780477205000000,'queue.left','1795325295.35001','{"event":"queue.left","at":"2026-06-03T09:00:05.000Z","id":175,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.35001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••64","caller":"8dee127393424d70","reason":"answered"}',NULL);
INSERT INTO "journal" VALUES(176,1780477205000000,'queue.answered','1795325295.36001','{"event":"queue.answered","at":"2026-06-03T09:00:05.000Z","id":176,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.36001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••65","caller":"857c150ad6a4731c"}',NULL);
INSERT INTO "journal" VALUES(177,1780477205000000,'queue.left','1795325295.36001','{"event":"queue.left","at":"2026-06-03T09:00:05.000Z","id":177,"wait":5.0,"position":1,"service":"support","queue":"support","call":"1795325295.36001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••65","caller":"857c150ad6a4731c","reason":"answered"}',NULL);
INSERT INTO "journal" VALUES(178,1780477205000000,'clock.stepped',NULL,'{"event":"clock.stepped","at":"2026-06-03T09:00:05.000Z","id":178,"seconds":5.0}',NULL);
INSERT INTO "journal" VALUES(179,1780477205000000,'alarm.raised',NULL,'{"event":"alarm.raised","at":"2026-06-03T09:00:05.000Z","id":179,"reason":"clock_stepped"}',NULL);
INSERT INTO "journal" VALUES(180,1780477265000000,'call.ended','1795325295.31001','{"event":"call.ended","at":"2026-06-03T09:01:05.000Z","id":180,"wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.31001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••60","caller":"bbfea4c86c6a75f0"}',NULL);
INSERT INTO "journal" VALUES(181,1780477265000000,'call.ended','1795325295.32001','{"event":"call.ended","at":"2026-06-03T09:01:05.000Z","id":181,"wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.32001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••61","caller":"1ae8dcd8132a4c09"}',NULL);
INSERT INTO "journal" VALUES(182,1780477265000000,'call.ended','1795325295.33001','{"event":"call.ended","at":"2026-06-03T09:01:05.000Z","id":182,"wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.33001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••62","caller":"7d51124c0d20ba55"}',NULL);
INSERT INTO "journal" VALUES(183,1780477265000000,'call.ended','1795325295.34001','{"event":"call.ended","at":"2026-06-03T09:01:05.000Z","id":183,"wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.34001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(184,1780477265000000,'call.ended','1795325295.35001','{"event":"call.ended","at":"2026-06-03T09:01:05.000Z","id":184,"wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.35001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(185,1780477265000000,'call.ended','1795325295.36001','{"event":"call.ended","at":"2026-06-03T09:01:05.000Z","id":185,"wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.36001","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••65","caller":"857c150ad6a4731c"}',NULL);
INSERT INTO "journal" VALUES(186,1780477325000000,'sms.queued','1795325295.32001','{"event":"sms.queued","at":"2026-06-03T09:02:05.000Z","id":186,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.32001","message":"survey-f9e0f3e6b65fa7b9-1","number":"+35840•••61","caller":"1ae8dcd8132a4c09"}',NULL);
INSERT INTO "journal" VALUES(187,1780477325000000,'sms.queued','1795325295.33001','{"event":"sms.queued","at":"2026-06-03T09:02:05.000Z","id":187,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.33001","message":"survey-d80b825d1bb7eb68-1","number":"+35840•••62","caller":"7d51124c0d20ba55"}',NULL);
INSERT INTO "journal" VALUES(188,1780477325000000,'sms.queued','1795325295.34001','{"event":"sms.queued","at":"2026-06-03T09:02:05.000Z","id":188,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.34001","message":"survey-005f441e16c39424-1","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(189,1780477325000000,'sms.queued','1795325295.35001','{"event":"sms.queued","at":"2026-06-03T09:02:05.000Z","id":189,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.35001","message":"survey-3071b70526d09467-1","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(190,1780477326000000,'sms.accepted','1795325295.33001','{"event":"sms.accepted","at":"2026-06-03T09:02:06.000Z","id":190,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.33001","message":"survey-d80b825d1bb7eb68-1","number":"+35840•••62","caller":"7d51124c0d20ba55"}',NULL);
INSERT INTO "journal" VALUES(191,1780477326000000,'survey.asked','1795325295.33001','{"event":"survey.asked","at":"2026-06-03T09:02:06.000Z","id":191,"question":"satisfaction","metric":"csat","wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.33001","message":"survey-d80b825d1bb7eb68-1","survey":"d80b825d1bb7eb68","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••62","caller":"7d51124c0d20ba55"}',NULL);
INSERT INTO "journal" VALUES(192,1780477326000000,'sms.delivered','1795325295.33001','{"event":"sms.delivered","at":"2026-06-03T09:02:06.000Z","id":192,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.33001","message":"survey-d80b825d1bb7eb68-1","number":"+35840•••62","caller":"7d51124c0d20ba55"}',NULL);
INSERT INTO "journal" VALUES(193,1780477326000000,'sms.accepted','1795325295.34001','{"event":"sms.accepted","at":"2026-06-03T09:02:06.000Z","id":193,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.34001","message":"survey-005f441e16c39424-1","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(194,1780477326000000,'survey.asked','1795325295.34001','{"event":"survey.asked","at":"2026-06-03T09:02:06.000Z","id":194,"question":"satisfaction","metric":"csat","wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.34001","message":"survey-005f441e16c39424-1","survey":"005f441e16c39424","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(195,1780477326000000,'sms.delivered','1795325295.34001','{"event":"sms.delivered","at":"2026-06-03T09:02:06.000Z","id":195,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.34001","message":"survey-005f441e16c39424-1","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(196,1780477326000000,'sms.accepted','1795325295.35001','{"event":"sms.accepted","at":"2026-06-03T09:02:06.000Z","id":196,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.35001","message":"survey-3071b70526d09467-1","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(197,1780477326000000,'survey.asked','1795325295.35001','{"event":"survey.asked","at":"2026-06-03T09:02:06.000Z","id":197,"question":"satisfaction","metric":"csat","wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.35001","message":"survey-3071b70526d09467-1","survey":"3071b70526d09467","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(198,1780477326000000,'sms.delivered','1795325295.35001','{"event":"sms.delivered","at":"2026-06-03T09:02:06.000Z","id":198,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.35001","message":"survey-3071b70526d09467-1","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(199,1780477327000000,'sms.received',NULL,'{"event":"sms.received","at":"2026-06-03T09:02:07.000Z","id":199,"number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(200,1780477327000000,'survey.invalid','1795325295.34001','{"event":"survey.invalid","at":"2026-06-03T09:02:07.000Z","id":200,"question":"satisfaction","wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.34001","survey":"005f441e16c39424","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(201,1780477327000000,'sms.queued','1795325295.34001','{"event":"sms.queued","at":"2026-06-03T09:02:07.000Z","id":201,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.34001","message":"survey-005f441e16c39424-1-invalid","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(202,1780477327000000,'sms.accepted','1795325295.34001','{"event":"sms.accepted","at":"2026-06-03T09:02:07.000Z","id":202,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.34001","message":"survey-005f441e16c39424-1-invalid","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(203,1780477327000000,'sms.delivered','1795325295.34001','{"event":"sms.delivered","at":"2026-06-03T09:02:07.000Z","id":203,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.34001","message":"survey-005f441e16c39424-1-invalid","number":"+35840•••63","caller":"47a1a0452ecebc37"}',NULL);
INSERT INTO "journal" VALUES(204,1780477327000000,'sms.received',NULL,'{"event":"sms.received","at":"2026-06-03T09:02:07.000Z","id":204,"number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(205,1780477327000000,'survey.answered','1795325295.35001','{"event":"survey.answered","at":"2026-06-03T09:02:07.000Z","id":205,"question":"satisfaction","value":5,"metric":"csat","wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.35001","survey":"3071b70526d09467","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••64","caller":"8dee127393424d70","by":"sms"}',NULL);
INSERT INTO "journal" VALUES(206,1780477327000000,'survey.completed','1795325295.35001','{"event":"survey.completed","at":"2026-06-03T09:02:07.000Z","id":206,"wait":5.0,"talk":60.0,"service":"support","queue":"support","call":"1795325295.35001","survey":"3071b70526d09467","agent":"PJSIP/agent1","agent_name":"Anna","number":"+35840•••64","caller":"8dee127393424d70","by":"sms"}',NULL);
INSERT INTO "journal" VALUES(207,1780477327000000,'sms.queued','1795325295.35001','{"event":"sms.queued","at":"2026-06-03T09:02:07.000Z","id":207,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.35001","message":"survey-3071b70526d09467-thanks","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(208,1780477327000000,'sms.accepted','1795325295.35001','{"event":"sms.accepted","at":"2026-06-03T09:02:07.000Z","id":208,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.35001","message":"survey-3071b70526d09467-thanks","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(209,1780477327000000,'sms.delivered','1795325295.35001','{"event":"sms.delivered","at":"2026-06-03T09:02:07.000Z","id":209,"kind":"survey","parts":1,"service":"support","queue":"support","call":"1795325295.35001","message":"survey-3071b70526d09467-thanks","number":"+35840•••64","caller":"8dee127393424d70"}',NULL);
INSERT INTO "journal" VALUES(210,1780477403000000,'callback.postponed',NULL,'{"event":"callback.postponed","at":"2026-06-03T09:03:23.000Z","id":210,"attempt":1,"service":"support","queue":"support","callback":"cb-per-number","number":"+35840•••04","caller":"611cf3bf0529918b","reason":"per_number"}','cb-per-number');
CREATE TABLE messages (
	message TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	number TEXT NOT NULL, 
	sender TEXT NOT NULL, 
	body TEXT NOT NULL, 
	parts INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	wanted_at BIGINT NOT NULL, 
	attempts INTEGER NOT NULL, 
	service TEXT, 
	queue TEXT, 
	call TEXT, callback TEXT, unclear INTEGER DEFAULT '0' NOT NULL, answers BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (message)
);
INSERT INTO "messages" VALUES('confirmation-cb-waiting','callback_confirmation','+358401110001','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-waiting',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-busy','callback_confirmation','+358401110002','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-busy',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-later','callback_confirmation','+358401110003','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-later',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-per-number','callback_confirmation','+358401110004','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-per-number',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-call-hours','callback_confirmation','+358401110005','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-call-hours',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-at-call-hours','callback_confirmation','+358401110015','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-at-call-hours',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-originate','callback_confirmation','+358401110016','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-originate',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-dialling','callback_confirmation','+358401110006','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-dialling',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-asking','callback_confirmation','+358401110007','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-asking',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-accepted','callback_confirmation','+358401110008','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-accepted',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-connected','callback_confirmation','+358401110009','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-connected',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-returned','callback_confirmation','+358401110010','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-returned',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-returned-later','callback_confirmation','+358401110011','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-returned-later',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-broken-off','callback_confirmation','+358401110012','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-broken-off',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-1795325295.15004','callback_confirmation','+358401110013','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477200000000,1,'support','support','1795325295.15004','cb-1795325295.15004',0,0);
INSERT INTO "messages" VALUES('confirmation-cb-1795325295.16004','callback_confirmation','+358401110014','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477200000000,1,'support','support','1795325295.16004','cb-1795325295.16004',0,0);
INSERT INTO "messages" VALUES('notice-cb-notice-texted','callback_notice','+358401110050','+358451234567','Pian 1',1,'sending',1780477201000000,1,'support','support',NULL,'cb-notice-texted',0,0);
INSERT INTO "messages" VALUES('notice-cb-notice-moved-moved-1','callback_moved','+358401110053','+358451234567','Asiakaspalvelu: soitamme sinulle numeroon +358401110054.',1,'sending',1780477202000000,1,'support','support',NULL,'cb-notice-moved',0,1);
INSERT INTO "messages" VALUES('notice-cb-notice-cancelled-cancelled-1','callback_cancelled','+358401110056','+358451234567','Asiakaspalvelu: takaisinsoittosi on peruttu. Voit soittaa meille uudelleen.',1,'sending',1780477202000000,1,'support','support',NULL,'cb-notice-cancelled',0,1);
INSERT INTO "messages" VALUES('survey-f9e0f3e6b65fa7b9-1','survey','+358401110061','+358451234567','Kuinka hyvin asiasi hoitui? Vastaa 1-5 (5 = erinomaisesti).',1,'sending',1780477325000000,1,'support','support','1795325295.32001',NULL,0,0);
INSERT INTO "messages" VALUES('welcome-1795325295.38001','welcome','+358401110071','Neuvonta','Hei',1,'accepted',1780477200000000,1,'support','support','1795325295.38001',NULL,0,0);
INSERT INTO "messages" VALUES('welcome-1795325295.40001','welcome','+358401110073','Neuvonta','Hei',1,'queued',1780477200000000,1,'support','support','1795325295.40001',NULL,0,0);
INSERT INTO "messages" VALUES('welcome-1795325295.41001','welcome','+358401110074','Neuvonta','Hei',1,'unknown',1780477200000000,1,'support','support','1795325295.41001',NULL,1,0);
INSERT INTO "messages" VALUES('confirmation-cb-no-route','callback_confirmation','+358401110080','Neuvonta','Soitamme sinulle takaisin. Paikkasi jonossa on 1.',1,'sending',1780477201000000,1,'support','support',NULL,'cb-no-route',0,0);
CREATE TABLE meta (
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('hash_key','6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b');
INSERT INTO "meta" VALUES('entered','210');
INSERT INTO "meta" VALUES('logged','210');
INSERT INTO "meta" VALUES('clock','1780480800.0');
CREATE TABLE notices (
	callback TEXT NOT NULL, 
	service TEXT NOT NULL, 
	queue TEXT NOT NULL, 
	number TEXT NOT NULL, 
	caller TEXT NOT NULL, 
	language TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	told_at BIGINT NOT NULL, 
	answer_to TEXT, 
	call TEXT, 
	attempts INTEGER NOT NULL, 
	not_before BIGINT, 
	promised_on TEXT, 
	answer TEXT, 
	opted_out BOOLEAN NOT NULL, 
	ended TEXT, 
	helped BOOLEAN NOT NULL, 
	late BOOLEAN NOT NULL, 
	replies INTEGER NOT NULL, 
	PRIMARY KEY (callback)
);
INSERT INTO "notices" VALUES('cb-notice-texted','support','support','+358401110050','2b675399bc34b048','fi',1,'texted',1780477201000000,'+358451234567',NULL,0,NULL,NULL,NULL,0,NULL,0,0,0);
INSERT INTO "notices" VALUES('cb-notice-delivered','support','support','+358401110051','ebbd40607dec8ea7','fi',1,'delivered',1780477201000000,'+358451234567',NULL,0,NULL,NULL,NULL,0,NULL,0,0,0);
INSERT INTO "notices" VALUES('cb-notice-kept','support','support','+358401110052','364bc51ab55639d0','fi',1,'delivered',1780477201000000,'+358451234567',NULL,0,NULL,NULL,'keep',0,NULL,0,0,0);
INSERT INTO "notices" VALUES('cb-notice-moved','support','support','+358401110053','d7600f124ab5aac8','fi',1,'delivered',1780477201000000,'+358451234567',NULL,0,NULL,NULL,'number',0,NULL,0,0,1);
INSERT INTO "notices" VALUES('cb-notice-ringing','support','support','+358912340044','07f7a6b3eb25f5ad','fi',1,'ringing',1780477201000000,NULL,'cb-notice-ringing-notice-1',1,NULL,NULL,NULL,0,NULL,0,0,0);
INSERT INTO "notices" VALUES('cb-notice-talking','support','support','+358912340045','8ea1e00273e9fc49','fi',1,'talking',1780477201000000,NULL,'cb-notice-talking-notice-1',1,NULL,NULL,NULL,0,NULL,0,0,0);
INSERT INTO "notices" VALUES('cb-notice-dialled','support','support','+358401110055','8ccd23bb52a36226','fi',1,'delivered',1780477201000000,'+358451234567',NULL,0,NULL,NULL,NULL,0,'dialled',0,0,0);
INSERT INTO "notices" VALUES('cb-notice-cancelled','support','support','+358401110056','fd42cc1466cd377a','fi',1,'delivered',1780477201000000,'+358451234567',NULL,0,NULL,NULL,'cancel',0,'cancelled',0,0,1);
INSERT INTO "notices" VALUES('cb-notice-retry','support','support','+358912340046','9d918c3916db6e6e','fi',1,'call_due',1780477201000000,NULL,NULL,1,1780477382000000,NULL,NULL,0,NULL,0,0,0);
CREATE TABLE offers (
	"key" INTEGER NOT NULL, 
	open BOOLEAN NOT NULL, 
	call TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	service TEXT, 
	queue TEXT, 
	PRIMARY KEY ("key")
);
INSERT INTO "offers" VALUES(4,0,'1795325295.15004',1780477200000,'support','support');
INSERT INTO "offers" VALUES(10,0,'1795325295.16004',1780477200000,'support','support');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	effect TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "outbox" VALUES(1,'{"effect":"send_text","message":"confirmation-cb-waiting","number":"+358401110001","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(2,'{"effect":"send_text","message":"confirmation-cb-busy","number":"+358401110002","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(3,'{"effect":"send_text","message":"confirmation-cb-later","number":"+358401110003","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(4,'{"effect":"send_text","message":"confirmation-cb-per-number","number":"+358401110004","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(5,'{"effect":"send_text","message":"confirmation-cb-call-hours","number":"+358401110005","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(6,'{"effect":"send_text","message":"confirmation-cb-at-call-hours","number":"+358401110015","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(7,'{"effect":"send_text","message":"confirmation-cb-originate","number":"+358401110016","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(8,'{"effect":"originate","call":"cb-originate-1","endpoint":"PJSIP/+358401110016@trunk","caller_id":"+358912345678","context":"callcentre-callback","ring":30,"variables":[["CALLCENTRE_CALLBACK","cb-originate"],["CALLCENTRE_SERVICE","support"],["CHANNEL(language)","fi"]],"other":null,"codec":null}');
INSERT INTO "outbox" VALUES(9,'{"effect":"send_text","message":"confirmation-cb-dialling","number":"+358401110006","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(10,'{"effect":"send_text","message":"confirmation-cb-asking","number":"+358401110007","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(11,'{"effect":"send_text","message":"confirmation-cb-accepted","number":"+358401110008","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(12,'{"effect":"send_text","message":"confirmation-cb-connected","number":"+358401110009","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(13,'{"effect":"send_text","message":"confirmation-cb-returned","number":"+358401110010","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(14,'{"effect":"send_text","message":"confirmation-cb-returned-later","number":"+358401110011","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(15,'{"effect":"send_text","message":"confirmation-cb-broken-off","number":"+358401110012","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(16,'{"effect":"send_text","message":"confirmation-cb-1795325295.15004","number":"+358401110013","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(17,'{"effect":"send_text","message":"confirmation-cb-1795325295.16004","number":"+358401110014","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
INSERT INTO "outbox" VALUES(18,'{"effect":"send_text","message":"notice-cb-notice-texted","number":"+358401110050","sender":"+358451234567","body":"Pian 1"}');
INSERT INTO "outbox" VALUES(19,'{"effect":"send_text","message":"notice-cb-notice-moved-moved-1","number":"+358401110053","sender":"+358451234567","body":"Asiakaspalvelu: soitamme sinulle numeroon +358401110054."}');
INSERT INTO "outbox" VALUES(20,'{"effect":"send_text","message":"notice-cb-notice-cancelled-cancelled-1","number":"+358401110056","sender":"+358451234567","body":"Asiakaspalvelu: takaisinsoittosi on peruttu. Voit soittaa meille uudelleen."}');
INSERT INTO "outbox" VALUES(21,'{"effect":"send_text","message":"survey-f9e0f3e6b65fa7b9-1","number":"+358401110061","sender":"+358451234567","body":"Kuinka hyvin asiasi hoitui? Vastaa 1-5 (5 = erinomaisesti)."}');
INSERT INTO "outbox" VALUES(22,'{"effect":"send_text","message":"confirmation-cb-no-route","number":"+358401110080","sender":"Neuvonta","body":"Soitamme sinulle takaisin. Paikkasi jonossa on 1."}');
CREATE TABLE pulse (
	"key" TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "pulse" VALUES('pulse',1780477201000000);
CREATE TABLE received (
	source TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (source)
);
INSERT INTO "received" VALUES('kannel 6 2026-06-03 09:00:02+00:00',1780477202000000);
INSERT INTO "received" VALUES('kannel 8 2026-06-03 09:02:07+00:00',1780477327000000);
INSERT INTO "received" VALUES('kannel 4 2026-06-03 09:00:01+00:00',1780477201000000);
CREATE TABLE route (
	"key" TEXT NOT NULL, 
	raised BOOLEAN NOT NULL, 
	paused_until BIGINT, 
	pauses INTEGER NOT NULL, 
	quick JSON NOT NULL, 
	unrouted JSON NOT NULL, 
	suspects JSON NOT NULL, 
	mute BOOLEAN NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "route" VALUES('route',1,1780477262000000,1,'["11b42f639fad4f9d"]','["11b42f639fad4f9d"]','[]',0);
CREATE TABLE scores (
	"key" INTEGER NOT NULL, 
	open BOOLEAN NOT NULL, 
	survey TEXT, 
	question TEXT, 
	metric TEXT, 
	value FLOAT, 
	at INTEGER NOT NULL, 
	asked INTEGER NOT NULL, 
	service TEXT, 
	queue TEXT, 
	call TEXT, 
	agent TEXT, 
	agent_name TEXT, 
	wait INTEGER, 
	talk INTEGER, 
	PRIMARY KEY ("key")
);
INSERT INTO "scores" VALUES(205,0,'3071b70526d09467','satisfaction','csat',5.0,1780477327000,1780477326000,'support','support','1795325295.35001','PJSIP/agent1','Anna',5000,60000);
CREATE TABLE served (
	queue TEXT NOT NULL, 
	answered INTEGER NOT NULL, 
	PRIMARY KEY (queue)
);
INSERT INTO "served" VALUES('support',7);
INSERT INTO "served" VALUES('sales',1);
CREATE TABLE sms_budget (
	"key" TEXT NOT NULL, 
	day TEXT NOT NULL, 
	used INTEGER NOT NULL, 
	exhausted BOOLEAN NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "sms_budget" VALUES('budget','2026-06-03',1,0);
CREATE TABLE sms_doubt (
	"key" TEXT NOT NULL, 
	texts INTEGER NOT NULL, 
	raised BOOLEAN NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "sms_doubt" VALUES('doubt',1,0);
CREATE TABLE suppressions (
	caller TEXT NOT NULL, 
	at BIGINT NOT NULL, "by" TEXT DEFAULT 'sms' NOT NULL, 
	PRIMARY KEY (caller)
);
INSERT INTO "suppressions" VALUES('675147e4cbe546ea',1780477201000000,'sms');
CREATE TABLE survey_answers (
	"key" TEXT NOT NULL, 
	survey TEXT NOT NULL, 
	question TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	service TEXT NOT NULL, 
	queue TEXT NOT NULL, 
	call TEXT NOT NULL, 
	agent TEXT, 
	agent_name TEXT, 
	caller TEXT NOT NULL, 
	wait FLOAT NOT NULL, 
	talk FLOAT NOT NULL, 
	answer TEXT, 
	value INTEGER, 
	metric TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "survey_answers" VALUES('3071b70526d09467 satisfaction','3071b70526d09467','satisfaction',1780477327000000,'support','support','1795325295.35001','PJSIP/agent1','Anna','8dee127393424d70',5.0,60.0,'5',5,'csat','sms');
CREATE TABLE survey_records (
	"key" INTEGER NOT NULL, 
	open BOOLEAN NOT NULL, 
	survey TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	service TEXT, 
	queue TEXT, 
	call TEXT, 
	agent TEXT, 
	agent_name TEXT, 
	answers INTEGER NOT NULL, 
	invalid INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "survey_records" VALUES(191,1,'d80b825d1bb7eb68',1780477326000,'support','support','1795325295.33001','PJSIP/agent1','Anna',0,0,'asked');
INSERT INTO "survey_records" VALUES(194,1,'005f441e16c39424',1780477326000,'support','support','1795325295.34001','PJSIP/agent1','Anna',0,1,'asked');
INSERT INTO "survey_records" VALUES(197,0,'3071b70526d09467',1780477326000,'support','support','1795325295.35001','PJSIP/agent1','Anna',1,0,'completed');
CREATE TABLE surveys (
	survey TEXT NOT NULL, 
	service TEXT NOT NULL, 
	queue TEXT NOT NULL, 
	call TEXT NOT NULL, 
	agent TEXT, 
	agent_name TEXT, 
	number TEXT NOT NULL, 
	caller TEXT NOT NULL, 
	caller_name TEXT NOT NULL, 
	wait FLOAT NOT NULL, 
	talk FLOAT NOT NULL, 
	ended_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	place INTEGER NOT NULL, 
	question TEXT, 
	sender TEXT, 
	asked_at BIGINT, 
	invalid_told BOOLEAN NOT NULL, 
	heard TEXT, 
	PRIMARY KEY (survey)
);
INSERT INTO "surveys" VALUES('aa1888371e56869f','support','support','1795325295.31001','PJSIP/agent1','Anna','+358401110060','bbfea4c86c6a75f0','',5.0,60.0,1780477265000000,'due',0,NULL,NULL,NULL,0,NULL);
INSERT INTO "surveys" VALUES('f9e0f3e6b65fa7b9','support','support','1795325295.32001','PJSIP/agent1','Anna','+358401110061','1ae8dcd8132a4c09','',5.0,60.0,1780477265000000,'asking',1,'satisfaction','+358451234567',1780477325000000,0,NULL);
INSERT INTO "surveys" VALUES('d80b825d1bb7eb68','support','support','1795325295.33001','PJSIP/agent1','Anna','+358401110062','7d51124c0d20ba55','',5.0,60.0,1780477265000000,'asked',1,'satisfaction','+358451234567',1780477326000000,0,NULL);
INSERT INTO "surveys" VALUES('005f441e16c39424','support','support','1795325295.34001','PJSIP/agent1','Anna','+358401110063','47a1a0452ecebc37','',5.0,60.0,1780477265000000,'asked',1,'satisfaction','+358451234567',1780477326000000,1,NULL);
INSERT INTO "surveys" VALUES('3071b70526d09467','support','support','1795325295.35001','PJSIP/agent1','Anna','','8dee127393424d70','',5.0,60.0,1780477265000000,'answered',1,'satisfaction','+358451234567',1780477327000000,0,'ef2d127de37b942b');
INSERT INTO "surveys" VALUES('1f17bce59fa430da','support','support','1795325295.36001','PJSIP/agent1','Anna','+358401110065','857c150ad6a4731c','',5.0,60.0,1780477265000000,'due',0,NULL,NULL,NULL,0,NULL);
CREATE TABLE surveys_last_asked (
	caller TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (caller)
);
INSERT INTO "surveys_last_asked" VALUES('7d51124c0d20ba55',1780477326000000);
INSERT INTO "surveys_last_asked" VALUES('47a1a0452ecebc37',1780477326000000);
INSERT INTO "surveys_last_asked" VALUES('8dee127393424d70',1780477326000000);
CREATE TABLE text_records (
	"key" INTEGER NOT NULL, 
	open BOOLEAN NOT NULL, 
	message TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	parts INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	service TEXT, 
	queue TEXT, 
	call TEXT, 
	agent TEXT, 
	agent_name TEXT, 
	number TEXT, 
	caller TEXT, 
	reason TEXT, 
	changed INTEGER, 
	PRIMARY KEY ("key")
);
INSERT INTO "text_records" VALUES(6,1,'confirmation-cb-1795325295.15004',1780477200000,'callback_confirmation',1,'queued','support','support','1795325295.15004',NULL,NULL,'+35840•••13','6458984ea0657af2',NULL,1780477200000);
INSERT INTO "text_records" VALUES(12,1,'confirmation-cb-1795325295.16004',1780477200000,'callback_confirmation',1,'queued','support','support','1795325295.16004',NULL,NULL,'+35840•••14','ee678a0ccbbdc319',NULL,1780477200000);
INSERT INTO "text_records" VALUES(20,0,'welcome-1795325295.37001',1780477200000,'welcome',1,'delivered','support','support','1795325295.37001',NULL,NULL,'+35840•••70','11843805f0a67ba2',NULL,1780477200000);
INSERT INTO "text_records" VALUES(24,1,'welcome-1795325295.38001',1780477200000,'welcome',1,'accepted','support','support','1795325295.38001',NULL,NULL,'+35840•••71','705288d1a7b71c3e',NULL,1780477200000);
INSERT INTO "text_records" VALUES(27,0,'welcome-1795325295.39001',1780477200000,'welcome',1,'refused','support','support','1795325295.39001',NULL,NULL,'+35840•••72','a24fb349c4d7577d','stale',1780477200000);
INSERT INTO "text_records" VALUES(30,1,'welcome-1795325295.40001',1780477200000,'welcome',1,'queued','support','support','1795325295.40001',NULL,NULL,'+35840•••73','e86245c57d788fd8',NULL,1780477200000);
INSERT INTO "text_records" VALUES(32,1,'welcome-1795325295.41001',1780477200000,'welcome',1,'queued','support','support','1795325295.41001',NULL,NULL,'+35840•••74','78b0d706610da670',NULL,1780477200000);
INSERT INTO "text_records" VALUES(34,0,'welcome-1795325295.42001',1780477200000,'welcome',1,'delivered','support','support','1795325295.42001',NULL,NULL,'+35840•••75','675147e4cbe546ea',NULL,1780477200000);
INSERT INTO "text_records" VALUES(38,1,'confirmation-cb-waiting',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••01','772f4cfaa2972fdf',NULL,1780477201000);
INSERT INTO "text_records" VALUES(40,1,'confirmation-cb-busy',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••02','43e87705d074849f',NULL,1780477201000);
INSERT INTO "text_records" VALUES(42,1,'confirmation-cb-later',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••03','503c8caa125c6a6b',NULL,1780477201000);
INSERT INTO "text_records" VALUES(44,1,'confirmation-cb-per-number',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••04','611cf3bf0529918b',NULL,1780477201000);
INSERT INTO "text_records" VALUES(46,1,'confirmation-cb-call-hours',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••05','47bf70abb64983ee',NULL,1780477201000);
INSERT INTO "text_records" VALUES(48,1,'confirmation-cb-at-call-hours',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••15','78f8d9cb189d9c45',NULL,1780477201000);
INSERT INTO "text_records" VALUES(50,1,'confirmation-cb-originate',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••16','bcbe742f4e4a49d3',NULL,1780477201000);
INSERT INTO "text_records" VALUES(52,1,'confirmation-cb-dialling',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••06','57cf69e17b2455e0',NULL,1780477201000);
INSERT INTO "text_records" VALUES(54,1,'confirmation-cb-asking',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••07','84e7e1b9d209dfc6',NULL,1780477201000);
INSERT INTO "text_records" VALUES(56,1,'confirmation-cb-accepted',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••08','3aef104cc3da3287',NULL,1780477201000);
INSERT INTO "text_records" VALUES(58,1,'confirmation-cb-connected',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••09','7f92ed2da94b0092',NULL,1780477201000);
INSERT INTO "text_records" VALUES(60,1,'confirmation-cb-returned',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••10','9c470232f7e2241d',NULL,1780477201000);
INSERT INTO "text_records" VALUES(62,1,'confirmation-cb-returned-later',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••11','f061803e971dae40',NULL,1780477201000);
INSERT INTO "text_records" VALUES(64,1,'confirmation-cb-broken-off',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••12','34a2bb4480989f3b',NULL,1780477201000);
INSERT INTO "text_records" VALUES(72,1,'notice-cb-notice-texted',1780477201000,'callback_notice',1,'queued','support','support',NULL,NULL,NULL,'+35840•••50','2b675399bc34b048',NULL,1780477201000);
INSERT INTO "text_records" VALUES(75,0,'notice-cb-notice-delivered',1780477201000,'callback_notice',1,'delivered','support','support',NULL,NULL,NULL,'+35840•••51','ebbd40607dec8ea7',NULL,1780477201000);
INSERT INTO "text_records" VALUES(81,0,'notice-cb-notice-kept',1780477201000,'callback_notice',1,'delivered','support','support',NULL,NULL,NULL,'+35840•••52','364bc51ab55639d0',NULL,1780477201000);
INSERT INTO "text_records" VALUES(87,0,'notice-cb-notice-moved',1780477201000,'callback_notice',1,'delivered','support','support',NULL,NULL,NULL,'+35840•••53','d7600f124ab5aac8',NULL,1780477201000);
INSERT INTO "text_records" VALUES(95,0,'notice-cb-notice-dialled',1780477201000,'callback_notice',1,'delivered','support','support',NULL,NULL,NULL,'+35840•••55','8ccd23bb52a36226',NULL,1780477201000);
INSERT INTO "text_records" VALUES(101,0,'notice-cb-notice-cancelled',1780477201000,'callback_notice',1,'delivered','support','support',NULL,NULL,NULL,'+35840•••56','fd42cc1466cd377a',NULL,1780477201000);
INSERT INTO "text_records" VALUES(109,1,'confirmation-cb-no-route',1780477201000,'callback_confirmation',1,'queued','support','support',NULL,NULL,NULL,'+35840•••80','11b42f639fad4f9d',NULL,1780477201000);
INSERT INTO "text_records" VALUES(152,1,'notice-cb-notice-moved-moved-1',1780477202000,'callback_moved',1,'queued','support','support',NULL,NULL,NULL,'+35840•••53','d7600f124ab5aac8',NULL,1780477202000);
INSERT INTO "text_records" VALUES(160,1,'notice-cb-notice-cancelled-cancelled-1',1780477202000,'callback_cancelled',1,'queued','support','support',NULL,NULL,NULL,'+35840•••56','fd42cc1466cd377a',NULL,1780477202000);
INSERT INTO "text_records" VALUES(186,1,'survey-f9e0f3e6b65fa7b9-1',1780477325000,'survey',1,'queued','support','support','1795325295.32001',NULL,NULL,'+35840•••61','1ae8dcd8132a4c09',NULL,1780477325000);
INSERT INTO "text_records" VALUES(187,0,'survey-d80b825d1bb7eb68-1',1780477325000,'survey',1,'delivered','support','support','1795325295.33001',NULL,NULL,'+35840•••62','7d51124c0d20ba55',NULL,1780477326000);
INSERT INTO "text_records" VALUES(188,0,'survey-005f441e16c39424-1',1780477325000,'survey',1,'delivered','support','support','1795325295.34001',NULL,NULL,'+35840•••63','47a1a0452ecebc37',NULL,1780477326000);
INSERT INTO "text_records" VALUES(189,0,'survey-3071b70526d09467-1',1780477325000,'survey',1,'delivered','support','support','1795325295.35001',NULL,NULL,'+35840•••64','8dee127393424d70',NULL,1780477326000);
INSERT INTO "text_records" VALUES(201,0,'survey-005f441e16c39424-1-invalid',1780477327000,'survey',1,'delivered','support','support','1795325295.34001',NULL,NULL,'+35840•••63','47a1a0452ecebc37',NULL,1780477327000);
INSERT INTO "text_records" VALUES(207,0,'survey-3071b70526d09467-thanks',1780477327000,'survey',1,'delivered','support','support','1795325295.35001',NULL,NULL,'+35840•••64','8dee127393424d70',NULL,1780477327000);
CREATE TABLE "timers" (
	"key" TEXT NOT NULL, 
	due BIGINT NOT NULL, 
	wall BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "timers" VALUES('callback again cb-busy',1780477382000000,0);
INSERT INTO "timers" VALUES('callback again cb-later',1780478102000000,0);
INSERT INTO "timers" VALUES('callback again cb-per-number',1780520400000000,1);
INSERT INTO "timers" VALUES('callback again cb-call-hours',1780549200000000,1);
INSERT INTO "timers" VALUES('callback again cb-at-call-hours',1780480800000000,1);
INSERT INTO "timers" VALUES('callback rings cb-originate',1780477262000000,0);
INSERT INTO "timers" VALUES('callback rings cb-dialling',1780477262000000,0);
INSERT INTO "timers" VALUES('talk cb-asking-1',1780477262000000,0);
INSERT INTO "timers" VALUES('talk 1795325295.12001',1780477206000000,0);
INSERT INTO "timers" VALUES('talk 1795325295.13002',1780477262000000,0);
INSERT INTO "timers" VALUES('callback again cb-broken-off',1780477802000000,0);
INSERT INTO "timers" VALUES('talk 1795325295.15004',1780477260000000,0);
INSERT INTO "timers" VALUES('talk 1795325295.16004',1780477260000000,0);
INSERT INTO "timers" VALUES('callback rings cb-reserving',1780477322000000,0);
INSERT INTO "timers" VALUES('callback rings cb-agent-dialling',1780477262000000,0);
INSERT INTO "timers" VALUES('talk cb-agent-asking-1',1780477262000000,0);
INSERT INTO "timers" VALUES('notice report cb-notice-texted',1780477261000000,0);
INSERT INTO "timers" VALUES('notice rings cb-notice-ringing',1780477262000000,0);
INSERT INTO "timers" VALUES('talk cb-notice-talking-notice-1',1780477262000000,0);
INSERT INTO "timers" VALUES('callback rings cb-notice-dialled',1780477262000000,0);
INSERT INTO "timers" VALUES('notice forget cb-notice-cancelled',1780563602000000,0);
INSERT INTO "timers" VALUES('survey due aa1888371e56869f',1780477325000000,0);
INSERT INTO "timers" VALUES('survey over f9e0f3e6b65fa7b9',1780650125000000,0);
INSERT INTO "timers" VALUES('survey over d80b825d1bb7eb68',1780650126000000,0);
INSERT INTO "timers" VALUES('survey over 005f441e16c39424',1780650126000000,0);
INSERT INTO "timers" VALUES('survey over 3071b70526d09467',1780650126000000,0);
INSERT INTO "timers" VALUES('survey due 1f17bce59fa430da',1780552800000000,1);
INSERT INTO "timers" VALUES('text welcome-1795325295.38001',1780650000000000,0);
INSERT INTO "timers" VALUES('text welcome-1795325295.40001',1780477201000000,0);
INSERT INTO "timers" VALUES('text welcome-1795325295.41001',1780650000000000,0);
INSERT INTO "timers" VALUES('clock stepped',1780477805000000,0);
INSERT INTO "timers" VALUES('report daily 0 7 * * *',1780545600000000,1);
CREATE TABLE visits (
	"key" INTEGER NOT NULL, 
	open BOOLEAN NOT NULL, 
	call TEXT NOT NULL, 
	service TEXT, 
	queue TEXT, 
	number TEXT, 
	caller TEXT, 
	joined INTEGER NOT NULL, 
	position INTEGER, 
	waiting INTEGER, 
	estimated INTEGER, 
	outcome TEXT, 
	left_at INTEGER, 
	wait INTEGER NOT NULL, 
	agent TEXT, 
	agent_name TEXT, 
	talk INTEGER, 
	PRIMARY KEY ("key")
);
INSERT INTO "visits" VALUES(1,1,'1795325295.15001','support','support','+35840•••30','d2ccbad64b2708f1',1780477200000,1,1,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(2,1,'1795325295.15002','support','support','+35840•••31','da81c65e5a46cdcf',1780477200000,2,2,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(3,1,'1795325295.15003','support','support','+35840•••32','0d4d8004c8c20d5a',1780477200000,3,3,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(7,1,'1795325295.16001','support','support','+35840•••40','1e24c27f6e6ce0ce',1780477200000,1,1,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(8,1,'1795325295.16002','support','support','+35840•••41','d83019a7ee4f821c',1780477200000,2,2,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(9,1,'1795325295.16003','support','support','+35840•••42','d825123f000e5f9e',1780477200000,3,3,NULL,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(13,0,'1795325295.31001','support','support','+35840•••60','bbfea4c86c6a75f0',1780477200000,1,1,0,'answered',1780477210000,5000,'PJSIP/agent1','Anna',60000);
INSERT INTO "visits" VALUES(14,0,'1795325295.32001','support','support','+35840•••61','1ae8dcd8132a4c09',1780477200000,1,1,0,'answered',1780477210000,5000,'PJSIP/agent1','Anna',60000);
INSERT INTO "visits" VALUES(15,0,'1795325295.33001','support','support','+35840•••62','7d51124c0d20ba55',1780477200000,1,1,0,'answered',1780477210000,5000,'PJSIP/agent1','Anna',60000);
INSERT INTO "visits" VALUES(16,0,'1795325295.34001','support','support','+35840•••63','47a1a0452ecebc37',1780477200000,1,1,0,'answered',1780477210000,5000,'PJSIP/agent1','Anna',60000);
INSERT INTO "visits" VALUES(17,0,'1795325295.35001','support','support','+35840•••64','8dee127393424d70',1780477200000,1,1,0,'answered',1780477210000,5000,'PJSIP/agent1','Anna',60000);
INSERT INTO "visits" VALUES(18,0,'1795325295.36001','support','support','+35840•••65','857c150ad6a4731c',1780477200000,1,1,0,'answered',1780477210000,5000,'PJSIP/agent1','Anna',60000);
INSERT INTO "visits" VALUES(19,1,'1795325295.37001','support','support','+35840•••70','11843805f0a67ba2',1780477200000,1,1,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(23,1,'1795325295.38001','support','support','+35840•••71','705288d1a7b71c3e',1780477200000,1,1,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(26,1,'1795325295.39001','support','support','+35840•••72','a24fb349c4d7577d',1780477200000,1,1,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(29,1,'1795325295.40001','support','support','+35840•••73','e86245c57d788fd8',1780477200000,1,1,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(31,1,'1795325295.41001','support','support','+35840•••74','78b0d706610da670',1780477200000,1,1,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(33,1,'1795325295.42001','support','support','+35840•••75','675147e4cbe546ea',1780477200000,1,1,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(124,1,'cb-accepted-1','support','support','+35840•••08','3aef104cc3da3287',1780477202000,1,1,0,NULL,NULL,0,NULL,NULL,NULL);
INSERT INTO "visits" VALUES(128,1,'cb-connected-1','support','support','+35840•••09','7f92ed2da94b0092',1780477202000,1,1,0,'answered',1780477207000,0,'PJSIP/agent1','Anna',NULL);
INSERT INTO "visits" VALUES(143,1,'cb-agent-connected-1','sales','sales','+35840•••24','a2ba87147f7e5466',1780477202000,1,1,NULL,'answered',1780477207000,0,'PJSIP/agent1','Anna',NULL);
CREATE TABLE welcome_considered (
	call TEXT NOT NULL, 
	PRIMARY KEY (call)
);
INSERT INTO "welcome_considered" VALUES('1795325295.37001');
INSERT INTO "welcome_considered" VALUES('1795325295.38001');
INSERT INTO "welcome_considered" VALUES('1795325295.39001');
INSERT INTO "welcome_considered" VALUES('1795325295.40001');
INSERT INTO "welcome_considered" VALUES('1795325295.41001');
INSERT INTO "welcome_considered" VALUES('1795325295.42001');
CREATE INDEX ix_journal_call ON journal (call);
CREATE INDEX ix_journal_callback ON journal (callback);
CREATE INDEX ix_survey_answers_at ON survey_answers (at);
CREATE INDEX ix_visits_joined ON visits (joined);
CREATE INDEX ix_visits_open ON visits ("key") WHERE open;
CREATE INDEX ix_offers_at ON offers (at);
CREATE INDEX ix_offers_open ON offers ("key") WHERE open;
CREATE INDEX ix_callback_records_at ON callback_records (at);
CREATE INDEX ix_callback_records_open ON callback_records ("key") WHERE open;
CREATE INDEX ix_text_records_at ON text_records (at);
CREATE INDEX ix_text_records_open ON text_records ("key") WHERE open;
CREATE INDEX ix_survey_records_at ON survey_records (at);
CREATE INDEX ix_survey_records_open ON survey_records ("key") WHERE open;
CREATE INDEX ix_scores_asked ON scores (asked);
CREATE INDEX ix_scores_open ON scores ("key") WHERE open;
COMMIT;
