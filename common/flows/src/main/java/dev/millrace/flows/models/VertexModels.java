package dev.millrace.flows.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.langchain4j.http.client.HttpRequest;
import dev.millrace.flows.models.OpenAiModels.Endpoint;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import okhttp3.FormBody;
import okhttp3.Request;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Builds models of Google Cloud: Gemini's API at the address of a project, with a token in return
 * for the credential. Google's own client would bring gRPC, and reach the network by itself.
 */
final class VertexModels {
  private static final String SCOPE = "https://www.googleapis.com/auth/cloud-platform";
  private static final JsonMapper JSON = JsonMapper.shared();

  private VertexModels() {}

  static BuiltModel build(ModelConfig config, List<String> builtIn) {
    if (config.model().startsWith("claude")) {
      throw config.wrong(
          "models of Anthropic are not reached by Vertex AI here: choose chatAnthropic");
    }
    var credential = credential(config);
    var token = new AccessToken("access_token", () -> question(config, credential));
    var at =
        new Endpoint(
            ModelTransport.builder(VertexModels::withoutKey),
            address(config, credential),
            "none",
            () -> {
              var headers = new HashMap<>(config.headers());
              headers.put("Authorization", "Bearer " + token.get());
              return headers;
            },
            Map.of());
    return GeminiModels.build(config, builtIn, at);
  }

  private static String address(ModelConfig config, JsonNode credential) {
    var project = config.text("projectID");
    if (project == null) {
      project = credential.path("project_id").asString("");
    }
    if (project.isEmpty()) {
      throw config.wrong("projectID is not set in the credential");
    }
    var named = config.text("region");
    var region = named == null ? "us-central1" : named;
    if (!region.matches("[a-z0-9-]{1,40}")) {
      throw config.wrong("region is '" + region + "', which is no name of a region");
    }
    var own = config.ownBaseUrl();
    var host = region.equals("global") ? "" : region + "-";
    var base = own == null ? "https://" + host + "aiplatform.googleapis.com" : own;
    return base + "/v1/projects/" + project + "/locations/" + region + "/publishers/google";
  }

  private static JsonNode credential(ModelConfig config) {
    var text = config.text("googleApplicationCredential");
    if (text == null) {
      throw config.wrong(
          config.text("googleApplicationCredentialFilePath") == null
              ? "no key: choose a credential that has googleApplicationCredential"
              : "googleApplicationCredentialFilePath is not read, the file may be missing on other"
                  + " nodes: put its content into googleApplicationCredential");
    }
    try {
      return JSON.readTree(text);
    } catch (JacksonException e) {
      throw config.wrong("googleApplicationCredential is not valid JSON");
    }
  }

  /** Returns what asks for a token, as a service or as a user who has agreed to it. */
  private static Request question(ModelConfig config, JsonNode credential) {
    var address = credential.path("token_uri").asString("https://oauth2.googleapis.com/token");
    var form = new FormBody.Builder();
    if (credential.path("type").asString("").equals("authorized_user")) {
      form.add("grant_type", "refresh_token")
          .add("client_id", credential.path("client_id").asString(""))
          .add("client_secret", credential.path("client_secret").asString(""))
          .add("refresh_token", credential.path("refresh_token").asString(""));
    } else {
      form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
          .add("assertion", assertion(config, credential, address));
    }
    try {
      return new Request.Builder().url(address).post(form.build()).build();
    } catch (IllegalArgumentException e) {
      throw config.wrong("token_uri of googleApplicationCredential is no address");
    }
  }

  private static String assertion(ModelConfig config, JsonNode credential, String address) {
    var now = Instant.now().getEpochSecond();
    var header = JSON.createObjectNode().put("alg", "RS256").put("typ", "JWT");
    header.put("kid", credential.path("private_key_id").asString(""));
    var claims =
        JSON.createObjectNode()
            .put("iss", credential.path("client_email").asString(""))
            .put("scope", SCOPE)
            .put("aud", address)
            .put("iat", now)
            .put("exp", now + 3600);
    var signed = encoded(header.toString()) + "." + encoded(claims.toString());
    try {
      var signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(key(credential.path("private_key").asString("")));
      signature.update(signed.getBytes(UTF_8));
      var assertion =
          signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
      ModelExchange.CURRENT.get().secrets().add(assertion); // as good as the key for an hour
      return assertion;
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw config.wrong("private_key of googleApplicationCredential is no RSA key in PEM form");
    }
  }

  private static PrivateKey key(String pem) throws GeneralSecurityException {
    var bytes = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(bytes));
  }

  private static String encoded(String json) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(UTF_8));
  }

  /** The client insists on a key, which this address would refuse. */
  private static HttpRequest withoutKey(HttpRequest request) {
    var headers = new HashMap<>(request.headers());
    headers.keySet().removeIf(name -> name.equalsIgnoreCase("x-goog-api-key"));
    return HttpRequest.builder()
        .method(request.method())
        .url(request.url())
        .headers(headers)
        .body(request.body())
        .build();
  }
}
