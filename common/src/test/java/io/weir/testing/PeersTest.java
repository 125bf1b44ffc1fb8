package io.weir.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class PeersTest {

    @Test
    void aProgramOfTheMachineIsFound() {
        assertThat(Peers.program("sh", "dash").getFileName()).hasToString("sh");
    }

    @Test
    void aMissingProgramIsNeverPassedOver() {
        Class<? extends Throwable> expected =
                "true".equals(System.getenv("CI")) ? AssertionError.class : TestAbortedException.class;
        assertThatThrownBy(() -> Peers.program("no-such-program", "nothing"))
                .isInstanceOf(expected)
                .hasMessageContaining("no-such-program");
    }

    @Test
    void onABuildServerItMustBeListedWithAReason() {
        List<String> list = List.of("# broker", "mosquitto", "mosquitto_pub no package for this machine");
        assertThatCode(() -> Peers.requireAllowed("mosquitto_pub", list)).doesNotThrowAnyException();
        assertThatThrownBy(() -> Peers.requireAllowed("mosquitto", list))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("names mosquitto without a reason");
        assertThatThrownBy(() -> Peers.requireAllowed("broker", list))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("broker is missing on a build server");
    }
}
