package dev.millrace.platform.flows;

import dev.millrace.platform.db.Database;
import dev.millrace.platform.secrets.CredentialCipher;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * The secrets by which requests to webhooks are signed: a column of the flow's row, encrypted as
 * credentials are ({@code {"secret": …}}), never read with the row itself. Thread-safe.
 */
public final class WebhookSecrets {
  private static final int BYTES = 32;

  private final Database database;
  private final CredentialCipher cipher;
  private final SecureRandom random = new SecureRandom();
  private final JsonMapper json = JsonMapper.shared();

  public WebhookSecrets(Database database, CredentialCipher cipher) {
    this.database = database;
    this.cipher = cipher;
  }

  /**
   * Returns the secret of a flow; nothing when it has none.
   *
   * @throws dev.millrace.platform.secrets.CredentialKeyException when another key encrypted it
   */
  public Optional<String> find(String flowId) {
    return database
        .with(handle ->
            handle
                .createQuery(
                    """
                    SELECT "webhookSecret" FROM chat_flow
                    WHERE id = :id AND coalesce("webhookSecret", '') <> ''
                    """)
                .bind("id", flowId)
                .mapTo(String.class)
                .findOne())
        .map(text -> cipher.decrypt("the webhook secret of flow " + flowId, text))
        .map(text -> json.readTree(text).path("secret").asString(""));
  }

  /** Makes a new secret for a flow in place of the old one, and returns it: 64 hex digits. */
  public String create(String flowId) {
    var bytes = new byte[BYTES];
    random.nextBytes(bytes);
    var secret = HexFormat.of().formatHex(bytes);
    store(flowId, cipher.encrypt(json.createObjectNode().put("secret", secret).toString()));
    return secret;
  }

  /** Forgets the secret of a flow. */
  public void delete(String flowId) {
    store(flowId, "");
  }

  private void store(String flowId, String encrypted) {
    database.with(handle ->
        handle
            .createUpdate(
                """
                UPDATE chat_flow
                SET "webhookSecret" = nullif(:secret, ''), "webhookSecretConfigured" = :secret <> ''
                WHERE id = :id
                """)
            .bind("secret", encrypted)
            .bind("id", flowId)
            .execute());
  }
}
