package io.weir.ingest.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ingest.WriteOutcome;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.wal.WriteKey;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTextTest {

    private static LineError error(String original) {
        return new LineError(7, 12, LineError.Kind.TYPE_CONFLICT, "field v at line 7 (expected: float)", original);
    }

    @Test
    void whatWasRejectedIsKept() {
        WriteOutcome outcome = new WriteOutcome(10, 9, 1, List.of(error("m v=\"ü\"")));
        assertThat(OutcomeText.read(OutcomeText.of(outcome))).isEqualTo(outcome);
    }

    @Test
    void successTakesNoSpace() {
        assertThat(OutcomeText.of(new WriteOutcome(10, 10, 0, List.of()))).isEmpty();
        assertThat(OutcomeText.read("").rejectedRows()).isZero();
    }

    @Test
    void manyLongErrorsFitWhereTheyAreKept() { // invariant 3
        String worst = "\u0001".repeat(LineError.MAX_ORIGINAL_BYTES);
        WriteOutcome outcome = new WriteOutcome(1, 1, 100, Collections.nCopies(100, error(worst)));
        String text = OutcomeText.of(outcome);
        assertThat(text.getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(8 << 10)
                .hasSizeLessThan(WriteKey.MAX_BYTES);
        WriteOutcome read = OutcomeText.read(text);
        assertThat(read.rejectedRows()).isEqualTo(100);
        assertThat(read.errors()).isNotEmpty().hasSizeLessThan(100);
    }
}
