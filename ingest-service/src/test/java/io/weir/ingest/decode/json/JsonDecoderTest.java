package io.weir.ingest.decode.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.decode.Precision;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JsonDecoderTest {

    private static DecodedWrite decode(String document) {
        byte[] body = document.getBytes(UTF_8);
        JsonDecoder decoder = new JsonDecoder(
                DecodeOptions.of(Precision.SECOND, 1_700_000_000_000_000_000L),
                new RowDefaults("room", Set.of("floor")));
        for (int at = 0; at < body.length; at += 5) {
            decoder.feed(body, at, Math.min(5, body.length - at));
        }
        return decoder.finish();
    }

    @Test
    void anObjectIsOneRow() {
        DecodedWrite write = decode("{\n  \"floor\": \"2\",\n  \"temp\": 21.5\n}\n");
        assertThat(write.acceptedRows()).isEqualTo(1);
        DecodedRow row = DecodedRow.of(write.batches().get(0)).get(0);
        assertThat(row.measurement()).isEqualTo("room");
        assertThat(row.tags()).containsEntry("floor", "2");
        assertThat(row.fields()).containsEntry("temp", 21.5);
    }

    @Test
    void aBadRowOfAnArrayDoesNotCostTheOthers() { // LESSONS 64
        DecodedWrite write = decode("[{\"temp\": 1},\n {\"temp\":\n   \"warm\"}, 5, {\"temp\": 2}]");
        assertThat(write.acceptedRows()).isEqualTo(2);
        assertThat(write.rejectedRows()).isEqualTo(2);
        assertThat(write.errors())
                .extracting(LineError::message)
                .containsExactly(
                        "field \"temp\" is integer but the value is string at line 3, column 4 (expected: integer)",
                        "unexpected \"5\" where a row should be at line 3, column 13 (expected: an object)");
        assertThat(write.errors().get(0).originalLine()).isEqualTo("   \"warm\"}, 5, {\"temp\": 2}]");
    }

    @Test
    void aDocumentThatIsNotJsonHasNoRows() {
        DecodedWrite write = decode("[{\"temp\": 1},\n {\"temp\": 2}");
        assertThat(write.acceptedRows()).isZero();
        assertThat(write.rejectedRows()).isEqualTo(1);
        assertThat(write.batches()).isEmpty();
        assertThat(write.errors().get(0).message())
                .isEqualTo("unexpected end of text behind a value at line 2, column 13 (expected: a comma or ])");
        assertThat(decode("").errors().get(0).message())
                .isEqualTo(
                        "unexpected end of text where a value should be at line 1, column 1 (expected: a JSON value)");
        assertThat(decode("{\"temp\":1} {}").errors().get(0).message())
                .isEqualTo("unexpected \"{\" behind the document at line 1, column 12 (expected: its end)");
    }

    @Test
    void anEmptyArrayHasNoRowsAndNoFault() {
        DecodedWrite write = decode(" [ ] ");
        assertThat(write.acceptedRows() + write.rejectedRows()).isZero();
    }
}
