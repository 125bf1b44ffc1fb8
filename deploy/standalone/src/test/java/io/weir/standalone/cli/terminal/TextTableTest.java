package io.weir.standalone.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {

    private final StringWriter written = new StringWriter();
    private final PrintWriter out = new PrintWriter(written);

    @Test
    void numbersStandToTheRightAndTextToTheLeft() {
        TextTable table = new TextTable(out, true, "");
        table.columns(List.of("vehicle", "km"), List.of("VARCHAR", "BIGINT"));
        table.row(List.of("truck-1", "7"));
        table.row(Arrays.asList(null, "123456789"));
        table.end();

        assertThat(lines())
                .containsExactly(
                        " vehicle │        km",
                        " VARCHAR │    BIGINT",
                        "─────────┼───────────",
                        " truck-1 │         7",
                        " NULL    │ 123456789");
    }

    @Test
    void plainCharactersWhereTheTerminalHasNoOthers() {
        TextTable table = new TextTable(out, false, "  ");
        table.columns(List.of("a", "b"), List.of());
        table.row(List.of("1", "2"));
        table.end();

        assertThat(lines()).containsExactly("   a | b", "  ---+---", "   1 | 2");
    }

    @Test
    void anEmptyResultHasItsHead() {
        TextTable table = new TextTable(out, false, "");
        table.columns(List.of("a"), List.of("INTERVAL"));
        table.end();

        assertThat(lines()).containsExactly(" a", " INTERVAL", "----------");
    }

    @Test
    void controlCharactersAndLongTextStayOnOneLine() {
        TextTable table = new TextTable(out, true, "");
        table.columns(List.of("a"), List.of("VARCHAR"));
        table.row(List.of("x\n\u001b[31my"));
        table.row(List.of("z".repeat(200)));
        table.end();

        assertThat(lines()).contains(" x  [31my").hasSize(5).allMatch(line -> line.length() <= 83);
    }

    @Test
    void rowsBeyondTheMeasuredOnesArePrintedAsTheyCome() {
        TextTable table = new TextTable(out, true, "");
        table.columns(List.of("n"), List.of("BIGINT"));
        for (int i = 0; i < TextTable.MEASURED_ROWS; i++) {
            table.row(List.of("1"));
        }
        assertThat(lines()).hasSize(TextTable.MEASURED_ROWS + 3);
        table.row(List.of("1234567"));
        assertThat(lines()).last().isEqualTo(" 1234567");
        assertThat(table.rows()).isEqualTo(TextTable.MEASURED_ROWS + 1);
    }

    @Test
    void csvKeepsNullAndEmptyApart() {
        CsvOutput csv = new CsvOutput(out);
        csv.columns(List.of("a", "b,c"), List.of());
        csv.row(Arrays.asList(null, ""));
        csv.row(List.of("say \"hi\"", "two\nlines"));
        csv.end();

        assertThat(written).hasToString("a,\"b,c\"\n,\"\"\n\"say \"\"hi\"\"\",\"two\nlines\"\n");
    }

    private List<String> lines() {
        out.flush();
        return written.toString().lines().toList();
    }
}
