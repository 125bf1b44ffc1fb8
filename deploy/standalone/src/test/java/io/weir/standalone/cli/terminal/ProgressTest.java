package io.weir.standalone.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final StringWriter err = new StringWriter();
    private long nanos;
    private long rowsBefore;

    @Test
    void aPersonSeesABarRedrawnInPlace() {
        Progress progress = progress(true, 1_000);
        pass(Duration.ofSeconds(1));
        progress.update(500, 2_000);
        progress.update(501, 2_001); // too soon to be drawn
        pass(Duration.ofSeconds(1));
        progress.finish(1_000, 4_000);

        assertThat(err)
                .hasToString("\r\u001b[Kx.lp  ###############............... 50%  2,000 rows, 2,000 rows/s"
                        + "\r\u001b[Kx.lp  ############################## 100%  4,000 rows, 2,000 rows/s\n");
    }

    @Test
    void aLogGetsALineNowAndThen() {
        Progress progress = progress(false, -1);
        for (int second = 1; second <= 11; second++) {
            pass(Duration.ofSeconds(1));
            progress.update(second * 2_048L, second);
        }
        progress.finish(30_000, 12);

        assertThat(err.toString().lines())
                .containsExactly(
                        "x.lp  10.0 KiB  5 rows, 1 rows/s",
                        "x.lp  20.0 KiB  10 rows, 1 rows/s",
                        "x.lp  29.3 KiB  12 rows, 1 rows/s");
    }

    @Test
    void bytesAloneHaveARateToo() {
        Progress progress = progress(false, 10_240);
        pass(Duration.ofSeconds(5));
        progress.update(5_120);

        assertThat(err).hasToString("x.lp  50%  1.0 KiB/s\n");
    }

    @Test
    void rowsFromBeforeAreCountedButHaveNoSpeed() {
        rowsBefore = 1_000;
        Progress progress = progress(false, 100);
        pass(Duration.ofSeconds(10));
        progress.update(50, 1_500);

        assertThat(err).hasToString("x.lp  50%  1,500 rows, 50 rows/s\n");
    }

    @Test
    void figuresAreReadable() {
        assertThat(Figures.count(1_234_567)).isEqualTo("1,234,567");
        assertThat(Figures.count(1, "row")).isEqualTo("1 row");
        assertThat(Figures.bytes(1_023)).isEqualTo("1023 B");
        assertThat(Figures.bytes(1_536)).isEqualTo("1.5 KiB");
        assertThat(Figures.duration(Duration.ofMillis(12))).isEqualTo("12 ms");
        assertThat(Figures.duration(Duration.ofMillis(3_400))).isEqualTo("3.4 s");
        assertThat(Figures.duration(Duration.ofSeconds(125))).isEqualTo("2 min 5 s");
        assertThat(Figures.perSecond(10, Duration.ZERO)).isEqualTo(10_000);
    }

    @Test
    void theLocaleTellsWhetherBoxesCanBeDrawn() {
        assertThat(Terminal.speaksUnicode(Map.of("LANG", "de_DE.UTF-8"))).isTrue();
        assertThat(Terminal.speaksUnicode(Map.of("LC_ALL", "C", "LANG", "de_DE.UTF-8")))
                .isFalse();
        assertThat(Terminal.speaksUnicode(Map.of())).isFalse();
    }

    private Progress progress(boolean interactive, long totalBytes) {
        Terminal terminal = new Terminal(new PrintWriter(err), new PrintWriter(err), interactive, false);
        return new Progress(terminal, "x.lp", totalBytes, rowsBefore, () -> nanos);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }
}
