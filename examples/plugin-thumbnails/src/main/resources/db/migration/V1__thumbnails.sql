-- In the plugin's own schema, plugin_thumbnails.
CREATE TABLE thumbnail (
  id       uuid PRIMARY KEY,
  picture  bytea NOT NULL,
  small    bytea,
  -- Which process made it, for the curious.
  made_by  text,
  problem  text,
  created  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE preference (
  name  text PRIMARY KEY,
  value int NOT NULL
);
