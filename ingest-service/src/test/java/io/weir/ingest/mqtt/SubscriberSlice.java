package io.weir.ingest.mqtt;

import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The real write path in a directory, for tests of subscribers. */
abstract class SubscriberSlice {

    @TempDir
    Path directory;

    Ingest ingest;

    @BeforeEach
    final void open() {
        ingest = new Ingest(directory);
    }

    @AfterEach
    final void close() {
        ingest.close();
    }

    static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(10));
    }

    static void awaitSubscribed(MqttSubscriber subscriber) {
        soon().until(() -> subscriber.status().state() == ConnectionState.CONNECTED
                && subscriber.status().problem() == null);
    }
}
