package dev.millrace.flows.models;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import okhttp3.HttpUrl;
import okhttp3.Request;

/** Signs requests as Baidu's cloud wants them signed: {@code bce-auth-v1}. */
final class BaiduSignature {
  private static final int GOOD_FOR_SECONDS = 1800;
  private static final int TOKEN_SECONDS = 86_400;

  private BaiduSignature() {}

  /** Returns the request for a token that is good for a day. */
  static Request tokenRequest(HttpUrl service, String accessKey, String secretKey) {
    var url =
        service
            .newBuilder()
            .addPathSegments("v1/BCE-BEARER/token")
            .addQueryParameter("expireInSeconds", Integer.toString(TOKEN_SECONDS))
            .build();
    return new Request.Builder()
        .url(url)
        .header("Authorization", authorization(url, accessKey, secretKey, Instant.now()))
        .build();
  }

  /** Returns the header of a GET request of which the host is signed. */
  static String authorization(HttpUrl url, String accessKey, String secretKey, Instant now) {
    var prefix =
        "bce-auth-v1/%s/%s/%d"
            .formatted(accessKey, now.truncatedTo(ChronoUnit.SECONDS), GOOD_FOR_SECONDS);
    var request =
        String.join("\n", "GET", url.encodedPath(), url.encodedQuery(), "host:" + host(url));
    return prefix + "/host/" + hmac(hmac(secretKey, prefix), request);
  }

  private static String host(HttpUrl url) {
    var port = url.port() == HttpUrl.defaultPort(url.scheme()) ? "" : "%3A" + url.port();
    return url.host() + port;
  }

  private static String hmac(String key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
