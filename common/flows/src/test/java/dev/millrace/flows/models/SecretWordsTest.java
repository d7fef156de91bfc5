package dev.millrace.flows.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.flows.model.Json;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** What must not be read in a message, and what may. */
final class SecretWordsTest {
  @ParameterizedTest
  @CsvSource({
    "azureChatOpenAI,azureOpenAIApiKey",
    "awsChatBedrock,awsKey",
    "awsChatBedrock,awsSecret",
    "awsChatBedrock,awsSession",
    "awsChatBedrock,bedrockBearerToken",
    "chatBaiduWenxin,qianfanAccessKey",
    "chatBaiduWenxin,qianfanSecretKey",
    "chatIBMWatsonx,watsonxAIApikey",
    "chatIBMWatsonx,watsonxAIBearerToken",
    "chatIBMWatsonx,watsonxAIPassword",
    "chatCloudflareWorkersAI,cloudflareApiToken"
  })
  void fieldsOfCredentials(String node, String field) {
    var config = Json.object().put("region", "eu-west-1");
    var credential = Json.object().put(field, "s3cr3t/+").put("projectId", "project-1");
    assertThat(
            secrets(node, config, credential).hidden("s3cr3t/+ s3cr3t%2F%2B project-1 eu-west-1"))
        .isEqualTo("*** *** project-1 eu-west-1");
  }

  @Test
  void aServiceAccount() {
    var account =
        Json.object()
            .put("type", "service_account")
            .put("project_id", "project-1")
            .put("private_key_id", "id-of-it")
            .put("private_key", "-----BEGIN-----\nMIIE\n-----END-----\n");
    var credential = Json.object().put("googleApplicationCredential", account.toString());
    var secrets = secrets("chatGoogleVertexAI", Json.object(), credential);
    assertThat(secrets.hidden("a " + account + " b")).isEqualTo("a *** b");
    assertThat(secrets.hidden("id-of-it: -----BEGIN-----\nMIIE\n-----END----- of project-1"))
        .isEqualTo("***: *** of project-1");
    assertThat(secrets.hidden("-----BEGIN-----\\nMIIE\\n-----END-----")).isEqualTo("***");
  }

  @Test
  void headersAndKeysOfTheNode() {
    var options = "{\"defaultHeaders\":{\"Authorization\":\"Bearer b-1234\",\"X-Team\":\"team\"}}";
    var config = Json.object().put("openAIApiKey", "sk-node").put("baseOptions", options);
    var secrets = secrets("chatOpenAI", config, Json.object());
    secrets.add("came-later");
    assertThat(secrets.hidden("b-1234 sk-node came-later team")).isEqualTo("*** *** *** team");
  }

  @Test
  void oneMayBeAPartOfAnotherAndShortOnesAreNone() {
    var secrets = secrets("chatOpenAI", Json.object(), Json.object().put("aKey", "abc"));
    secrets.add("abcd");
    secrets.add("abcdefgh");
    assertThat(secrets.hidden("abc abcd abcdefgh")).isEqualTo("abc *** ***");
  }

  private static SecretWords secrets(String node, ObjectNode config, ObjectNode credential) {
    return SecretWords.of(
        new ModelConfig(Objects.requireNonNull(Provider.ALL.get(node)), config, credential));
  }
}
