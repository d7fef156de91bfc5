package dev.millrace.flows.retrieval;

import dev.millrace.flows.engine.FlowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvReadFeature;

/** The rows of a CSV file: a piece of each, by the names in the first row. */
final class CsvRows {
  private static final CsvMapper MAPPER =
      CsvMapper.builder()
          .enable(CsvReadFeature.WRAP_AS_ARRAY, CsvReadFeature.SKIP_EMPTY_LINES)
          .build();

  private CsvRows() {}

  /**
   * Reads them.
   *
   * @param column only what it holds; lines {@code name: value} of all columns when ""
   */
  static List<Piece> of(DocumentFile file, ObjectNode about, String column) {
    var pieces = new ArrayList<Piece>();
    try (MappingIterator<String[]> rows =
        MAPPER.readerFor(String[].class).readValues(file.text())) {
      List<String> names = rows.hasNext() ? Arrays.asList(rows.next()) : List.of();
      int only = names.indexOf(column);
      if (!column.isEmpty() && only < 0) {
        throw new FlowException(
            "The file "
                + file.name()
                + " has no column \""
                + column
                + "\" (columnName); it has "
                + String.join(", ", names)
                + ".");
      }
      while (rows.hasNext()) {
        String[] row = rows.next();
        ObjectNode where = about.deepCopy().put("line", pieces.size() + 1);
        pieces.add(new Piece(column.isEmpty() ? lines(names, row) : at(row, only), where, null));
      }
    } catch (JacksonException e) {
      throw new FlowException(
          "The file " + file.name() + " is not CSV: " + e.getOriginalMessage() + ".", e);
    }
    return pieces;
  }

  private static String lines(List<String> names, String[] row) {
    var lines = new StringJoiner("\n");
    for (int index = 0; index < Math.max(names.size(), row.length); index++) {
      String name = index < names.size() ? names.get(index).strip() : "column " + (index + 1);
      lines.add(name + ": " + at(row, index).strip());
    }
    return lines.toString();
  }

  private static String at(String[] row, int index) {
    return index < row.length ? row[index] : "";
  }
}
