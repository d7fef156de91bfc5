-- The tables that Millrace shares with Flowise 3.1, by Flowise's names. Runs only where Flowise has not made them.
-- There are no foreign keys between them: Flowise has none either, and rows are deleted together by the stores.

CREATE TABLE public.organization (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name             varchar(100) NOT NULL,
  "customerId"     varchar(100),
  "subscriptionId" varchar(100),
  "createdDate"    timestamp NOT NULL DEFAULT now(),
  "updatedDate"    timestamp NOT NULL DEFAULT now(),
  "createdBy"      uuid,
  "updatedBy"      uuid
);

CREATE TABLE public.workspace (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name             varchar(100) NOT NULL,
  description      text,
  "createdDate"    timestamp NOT NULL DEFAULT now(),
  "updatedDate"    timestamp NOT NULL DEFAULT now(),
  "organizationId" uuid NOT NULL,
  "createdBy"      uuid,
  "updatedBy"      uuid
);

CREATE TABLE public.chat_flow (
  id                        uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name                      varchar NOT NULL,
  "flowData"                text NOT NULL,
  deployed                  boolean,
  "isPublic"                boolean,
  apikeyid                  varchar,
  "chatbotConfig"           text,
  "apiConfig"               text,
  analytic                  text,
  "speechToText"            text,
  "textToSpeech"            text,
  "followUpPrompts"         text,
  category                  text,
  type                      varchar(20) NOT NULL DEFAULT 'CHATFLOW',
  "mcpServerConfig"         text,
  "webhookSecret"           text,
  "webhookSecretConfigured" boolean NOT NULL DEFAULT false,
  "workspaceId"             text NOT NULL,
  "createdDate"             timestamp NOT NULL DEFAULT now(),
  "updatedDate"             timestamp NOT NULL DEFAULT now()
);
CREATE INDEX chat_flow_name ON public.chat_flow (substring(name, 1, 255));
CREATE INDEX chat_flow_workspace ON public.chat_flow ("workspaceId", "updatedDate");

CREATE TABLE public.execution (
  id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "executionData" text NOT NULL,
  action          text,
  state           varchar NOT NULL,
  "agentflowId"   uuid NOT NULL,
  "sessionId"     varchar NOT NULL,
  "isPublic"      boolean,
  "workspaceId"   text NOT NULL,
  "createdDate"   timestamp NOT NULL DEFAULT now(),
  "updatedDate"   timestamp NOT NULL DEFAULT now(),
  "stoppedDate"   timestamp
);

CREATE TABLE public.chat_message (
  id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  role              varchar NOT NULL,
  chatflowid        uuid NOT NULL,
  "executionId"     uuid,
  content           text NOT NULL,
  "sourceDocuments" text,
  "usedTools"       text,
  "fileAnnotations" text,
  "agentReasoning"  text,
  "reasonContent"   text,
  "fileUploads"     text,
  artifacts         text,
  action            text,
  "chatType"        varchar NOT NULL DEFAULT 'INTERNAL',
  "chatId"          varchar NOT NULL,
  "memoryType"      varchar,
  "sessionId"       varchar,
  "leadEmail"       text,
  "followUpPrompts" text,
  "createdDate"     timestamp NOT NULL DEFAULT now()
);

CREATE TABLE public.chat_message_feedback (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  chatflowid    uuid NOT NULL,
  "chatId"      varchar NOT NULL,
  "messageId"   uuid NOT NULL UNIQUE,
  rating        varchar,
  content       text,
  "createdDate" timestamp NOT NULL DEFAULT now()
);
CREATE INDEX chat_message_feedback_flow ON public.chat_message_feedback (chatflowid);
CREATE INDEX chat_message_feedback_chat ON public.chat_message_feedback ("chatId");

CREATE TABLE public.credential (
  id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name             varchar NOT NULL,
  "credentialName" varchar NOT NULL,
  "encryptedData"  text NOT NULL,
  "workspaceId"    text NOT NULL,
  "createdDate"    timestamp NOT NULL DEFAULT now(),
  "updatedDate"    timestamp NOT NULL DEFAULT now()
);

CREATE TABLE public.variable (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name          varchar NOT NULL,
  value         text,
  type          text NOT NULL DEFAULT 'string',
  "workspaceId" text NOT NULL,
  "createdDate" timestamp NOT NULL DEFAULT now(),
  "updatedDate" timestamp NOT NULL DEFAULT now()
);
CREATE INDEX variable_workspace ON public.variable ("workspaceId");

CREATE TABLE public.apikey (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "apiKey"      varchar NOT NULL,
  "apiSecret"   varchar NOT NULL,
  "keyName"     varchar NOT NULL,
  permissions   json NOT NULL DEFAULT '[]',
  "workspaceId" text NOT NULL,
  "updatedDate" timestamp NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX apikey_key ON public.apikey ("apiKey");

CREATE TABLE public.tool (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name          varchar NOT NULL,
  description   text NOT NULL,
  color         varchar NOT NULL,
  "iconSrc"     varchar,
  schema        text,
  func          text,
  "workspaceId" text NOT NULL,
  "createdDate" timestamp NOT NULL DEFAULT now(),
  "updatedDate" timestamp NOT NULL DEFAULT now()
);

CREATE TABLE public.assistant (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  details       text NOT NULL,
  credential    uuid NOT NULL,
  "iconSrc"     varchar,
  type          text,
  "workspaceId" text NOT NULL,
  "createdDate" timestamp NOT NULL DEFAULT now(),
  "updatedDate" timestamp NOT NULL DEFAULT now()
);

CREATE TABLE public.lead (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name          text,
  email         text,
  phone         text,
  chatflowid    varchar NOT NULL,
  "chatId"      varchar NOT NULL,
  "createdDate" timestamp NOT NULL DEFAULT now()
);
CREATE INDEX lead_flow ON public.lead (chatflowid);

CREATE TABLE public.upsert_history (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  chatflowid varchar NOT NULL,
  result     text NOT NULL,
  "flowData" text NOT NULL,
  date       timestamp NOT NULL DEFAULT now()
);
CREATE INDEX upsert_history_flow ON public.upsert_history (chatflowid);

CREATE TABLE public.document_store (
  id                    uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name                  varchar NOT NULL,
  description           varchar,
  loaders               text,
  "whereUsed"           text,
  status                varchar NOT NULL,
  "vectorStoreConfig"   text,
  "embeddingConfig"     text,
  "recordManagerConfig" text,
  "workspaceId"         text NOT NULL,
  "createdDate"         timestamp NOT NULL DEFAULT now(),
  "updatedDate"         timestamp NOT NULL DEFAULT now()
);

CREATE TABLE public.document_store_file_chunk (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "docId"       uuid NOT NULL,
  "chunkNo"     integer NOT NULL,
  "storeId"     uuid NOT NULL,
  "pageContent" text,
  metadata      text
);
CREATE INDEX document_store_file_chunk_doc ON public.document_store_file_chunk ("docId", "chunkNo");
CREATE INDEX document_store_file_chunk_store ON public.document_store_file_chunk ("storeId");

CREATE TABLE public.schedule_record (
  id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "triggerType"       varchar(32) NOT NULL,
  "targetId"          varchar NOT NULL,
  "nodeId"            text,
  "cronExpression"    text NOT NULL,
  timezone            varchar(64) NOT NULL DEFAULT 'UTC',
  enabled             boolean NOT NULL DEFAULT true,
  "scheduleInputMode" varchar(16) NOT NULL DEFAULT 'text',
  "defaultInput"      text,
  "defaultForm"       text,
  "lastRunAt"         timestamp,
  "nextRunAt"         timestamp,
  "endDate"           timestamp,
  "workspaceId"       varchar NOT NULL,
  "createdDate"       timestamp NOT NULL DEFAULT now(),
  "updatedDate"       timestamp NOT NULL DEFAULT now()
);
CREATE INDEX schedule_record_target ON public.schedule_record ("targetId");

CREATE TABLE public.schedule_trigger_log (
  id                 uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  "scheduleRecordId" varchar NOT NULL,
  "triggerType"      varchar(32) NOT NULL,
  "targetId"         varchar NOT NULL,
  "executionId"      varchar,
  status             varchar(32) NOT NULL,
  error              text,
  "elapsedTimeMs"    integer,
  "scheduledAt"      timestamp NOT NULL,
  "workspaceId"      varchar NOT NULL,
  "createdDate"      timestamp NOT NULL DEFAULT now()
);
CREATE INDEX schedule_trigger_log_record ON public.schedule_trigger_log ("scheduleRecordId", "createdDate");
CREATE INDEX schedule_trigger_log_target ON public.schedule_trigger_log ("targetId", "createdDate");

CREATE TABLE public.custom_mcp_server (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name          varchar NOT NULL,
  "serverUrl"   text NOT NULL,
  "iconSrc"     varchar,
  color         varchar,
  "authType"    varchar NOT NULL DEFAULT 'NONE',
  "authConfig"  text,
  tools         text,
  "toolCount"   integer NOT NULL DEFAULT 0,
  status        varchar NOT NULL DEFAULT 'PENDING',
  "workspaceId" text NOT NULL,
  "createdDate" timestamp NOT NULL DEFAULT now(),
  "updatedDate" timestamp NOT NULL DEFAULT now()
);

CREATE TABLE public.custom_template (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name          varchar NOT NULL,
  "flowData"    text NOT NULL,
  description   varchar,
  badge         varchar,
  framework     varchar,
  usecases      varchar,
  type          varchar,
  "workspaceId" text NOT NULL,
  "createdDate" timestamp NOT NULL DEFAULT now(),
  "updatedDate" timestamp NOT NULL DEFAULT now()
);
