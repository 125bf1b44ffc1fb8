package io.weir.standalone.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineChunksTest {

    @Test
    void chunksHoldWholeLinesAndKnowTheirNumbers() throws IOException {
        List<LineChunk> chunks = chunks("a f=1\nb f=2\nc f=3\nd f=4\ne f=5", 2, 1_024);

        assertThat(texts(chunks)).containsExactly("a f=1\nb f=2\n", "c f=3\nd f=4\n", "e f=5");
        assertThat(chunks).extracting(LineChunk::firstLine).containsExactly(1L, 3L, 5L);
        assertThat(chunks).extracting(LineChunk::lastLine).containsExactly(2L, 4L, 5L);
        assertThat(chunks).extracting(LineChunk::points).containsExactly(2, 2, 1);
    }

    @Test
    void aLineFeedInAQuotedStringDoesNotEndALine() throws IOException {
        List<LineChunk> chunks = chunks("a f=\"one\ntwo \\\" three\nfour\" 5\nb f=2\n", 1, 1_024);

        assertThat(texts(chunks)).containsExactly("a f=\"one\ntwo \\\" three\nfour\" 5\n", "b f=2\n");
        assertThat(chunks.get(1).firstLine()).isEqualTo(4);
    }

    @Test
    void quotesOutsideOfFieldValuesAreOrdinary() throws IOException {
        String lines = "a,tag=\"x f=1\nb\\ \" f=2\nc f=1 \"\n# it\"s\nd f=\"x\",g=\"\" 1\n";

        assertThat(texts(chunks(lines, 1, 1_024))).hasSize(5);
    }

    @Test
    void blankLinesAndCommentsAreNotPoints() throws IOException {
        assertThat(chunks("\n# c\n  \r\na f=1\r\n", 10, 1_024))
                .singleElement()
                .extracting(LineChunk::points)
                .isEqualTo(1);
    }

    @Test
    void nothingGivesNoChunk() throws IOException {
        assertThat(chunks("", 10, 16)).isEmpty();
    }

    @Test
    void aLineLongerThanAChunkGoesAlone() throws IOException {
        String longLine = "a f=\"" + "x".repeat(100) + "\"\n";

        assertThat(texts(chunks("b f=1\n" + longLine + "c f=1\n", 10, 16)))
                .containsExactly("b f=1\n", longLine, "c f=1\n");
    }

    @Test
    void aLineWithoutEndIsNamed() {
        String endless = "a f=1\nb f=\"" + "x".repeat(LineChunks.MAX_LINE_BYTES);

        assertThatThrownBy(() -> chunks(endless, 10, 1 << 20))
                .hasMessage("Line 2 is longer than 16.0 MiB (perhaps a string field lacks its closing quote)");
    }

    @Test
    void anyCutOfAnyInputGivesTheInputBack() throws IOException {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            StringBuilder lines = new StringBuilder();
            for (int i = random.nextInt(40); i > 0; i--) {
                lines.append("m\\ x,t=v f=\"")
                        .append(random.nextBoolean() ? "a\nb" : "\\\"")
                        .append("x".repeat(random.nextInt(30)))
                        .append("\",g=1i 12\n");
            }
            int maxLines = 1 + random.nextInt(5);
            List<String> texts = texts(chunks(lines.toString(), maxLines, 1 + random.nextInt(100)));
            assertThat(String.join("", texts)).as("seed %d", seed).isEqualTo(lines.toString());
            assertThat(texts).as("seed %d", seed).allMatch(text -> text.startsWith("m") && text.endsWith(" 12\n"));
        }
    }

    private static List<LineChunk> chunks(String text, int maxLines, int maxBytes) throws IOException {
        LineChunks chunks =
                new LineChunks(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), maxLines, maxBytes);
        List<LineChunk> all = new ArrayList<>();
        for (LineChunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
            all.add(chunk);
        }
        return all;
    }

    private static List<String> texts(List<LineChunk> chunks) {
        return chunks.stream()
                .map(chunk -> new String(chunk.bytes(), StandardCharsets.UTF_8))
                .toList();
    }
}
