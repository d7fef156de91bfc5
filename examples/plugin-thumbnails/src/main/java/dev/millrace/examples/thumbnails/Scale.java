package dev.millrace.examples.thumbnails;

import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Makes pictures small. */
final class Scale {
  private Scale() {}

  /**
   * Returns a PNG whose longer side has that many pixels.
   *
   * @throws IllegalArgumentException when it is no picture
   */
  static byte[] down(byte[] picture, int size) {
    try {
      var image = ImageIO.read(new ByteArrayInputStream(picture));
      if (image == null) {
        throw new IllegalArgumentException("this is no picture that Java can read");
      }
      var factor = Math.min(1.0, size / (double) Math.max(image.getWidth(), image.getHeight()));
      var width = Math.max(1, (int) Math.round(image.getWidth() * factor));
      var height = Math.max(1, (int) Math.round(image.getHeight() * factor));
      var small = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
      var graphics = small.createGraphics();
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(image, 0, 0, width, height, null);
      graphics.dispose();
      var out = new ByteArrayOutputStream();
      ImageIO.write(small, "png", out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("the picture cannot be scaled", e);
    }
  }
}
