package io.weir.ingest.mqtt;

import java.util.concurrent.atomic.LongAdder;

/** What happened to messages since the process started. Thread-safe. */
final class MqttCounters {

    final LongAdder received = new LongAdder();
    final LongAdder acknowledged = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder skipped = new LongAdder();
    final LongAdder retries = new LongAdder();
    final LongAdder rows = new LongAdder();
    final LongAdder appends = new LongAdder();
    final LongAdder deadLetters = new LongAdder();
    final LongAdder lostDeadLetters = new LongAdder();
    final LongAdder connects = new LongAdder();
    final LongAdder connectFailures = new LongAdder();
}
