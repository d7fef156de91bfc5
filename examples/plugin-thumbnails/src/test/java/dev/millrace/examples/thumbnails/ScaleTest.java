package dev.millrace.examples.thumbnails;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class ScaleTest {
  @Test
  void keepsTheShape() throws Exception {
    var large = new BufferedImage(400, 200, BufferedImage.TYPE_INT_RGB);
    var out = new ByteArrayOutputStream();
    ImageIO.write(large, "png", out);

    var small = ImageIO.read(new ByteArrayInputStream(Scale.down(out.toByteArray(), 64)));

    assertEquals(64, small.getWidth());
    assertEquals(32, small.getHeight());
  }

  @Test
  void refusesWhatIsNoPicture() {
    assertThrows(IllegalArgumentException.class, () -> Scale.down(new byte[] {1, 2, 3}, 64));
  }
}
