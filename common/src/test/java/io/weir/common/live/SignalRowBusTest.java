package io.weir.common.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.signal.Signal;
import io.weir.common.signal.Signals;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Rows go over signals between processes, and only while somebody listens. REQUIREMENTS W3. */
class SignalRowBusTest {

    private static final String CPU = "default/d/cpu";

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final Wire wire = new Wire();
    private final SignalRowBus ingest = bus();
    private final SignalRowBus query = bus();

    private SignalRowBus bus() {
        return new SignalRowBus(wire.end(), () -> time.now(TimeUnit.NANOSECONDS), time);
    }

    @AfterEach
    void close() {
        ingest.close();
        query.close();
        assertThat(wire.listeners()).isZero();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void send(String text) {
        ingest.publish(CPU, bytes(text)).block();
    }

    @Test
    void whoListensIsToldOfMessagesUntilItLeaves() {
        List<String> came = new ArrayList<>();
        Disposable listening = query.subscribe(CPU, message -> came.add(new String(message, StandardCharsets.UTF_8)));
        send("one");
        ingest.publish("default/d/mem", bytes("not this")).block();
        send("two");
        listening.dispose();
        send("three");
        assertThat(came).containsExactly("one", "two");
    }

    @Test
    void aChannelIsWantedFromTheFirstListenerUntilAWhileAfterTheLast() {
        assertThat(ingest.isWanted(CPU)).isFalse();
        Disposable first = query.subscribe(CPU, message -> {});
        Disposable second = query.subscribe(CPU, message -> {});
        assertThat(ingest.isWanted(CPU)).isTrue();
        assertThat(ingest.isWanted("default/d/mem")).isFalse();
        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(ingest.isWanted(CPU)).as("said again").isTrue();
        first.dispose();
        first.dispose();
        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(ingest.isWanted(CPU)).as("one still listens").isTrue();
        second.dispose();
        time.advanceTimeBy(Duration.ofSeconds(10));
        assertThat(ingest.isWanted(CPU)).isTrue();
        time.advanceTimeBy(Duration.ofSeconds(6));
        assertThat(ingest.isWanted(CPU)).isFalse();
    }

    @Test
    void everyChannelIsWantedForAWhileAfterSomethingMayHaveBeenMissed() {
        wire.gap();
        assertThat(ingest.isWanted(CPU)).isTrue();
        time.advanceTimeBy(Duration.ofSeconds(16));
        assertThat(ingest.isWanted(CPU)).isFalse();
    }

    /** Carries what one end says to the others. */
    private static final class Wire {

        private record Ear(Object owner, String channel, Sinks.Many<Signal> sink) {}

        private final List<Ear> ears = new ArrayList<>();

        Signals end() {
            return new Signals() {
                @Override
                public void publish(String channel, byte[] message) {
                    for (Ear ear : List.copyOf(ears)) {
                        if (ear.owner() != this && ear.channel().equals(channel)) {
                            ear.sink().tryEmitNext(new Signal.Message(message)).orThrow();
                        }
                    }
                }

                @Override
                public Flux<Signal> listen(String channel) {
                    return Flux.defer(() -> {
                        Ear ear = new Ear(this, channel, Sinks.many().unicast().onBackpressureBuffer());
                        ears.add(ear);
                        return ear.sink().asFlux().doFinally(end -> ears.remove(ear));
                    });
                }
            };
        }

        void gap() {
            List.copyOf(ears)
                    .forEach(ear -> ear.sink().tryEmitNext(Signal.Gap.INSTANCE).orThrow());
        }

        int listeners() {
            return ears.size();
        }
    }
}
