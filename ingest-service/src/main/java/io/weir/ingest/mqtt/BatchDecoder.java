package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorKind;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LinePart;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.MessagePackDecoder;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.decode.SchemaLookup;
import io.weir.ingest.decode.json.JsonDecoder;
import io.weir.ingest.decode.json.RowDefaults;
import io.weir.ingest.schema.DatabaseSchemas;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * Decodes many messages of one database into few batches: those in line protocol share one decoder a precision, those in
 * JSON and MessagePack are decoded one by one and joined. No message spoils another. Used once, by one thread at a time.
 */
final class BatchDecoder {

    private final LearntSchemas schemas;
    private final long receiveTimeNanos;
    private final LongConsumer memory;
    private final Map<Precision, LineProtocolDecoder> lines = new EnumMap<>(Precision.class);
    private final JoinedRows joined;

    /**
     * @param receiveTimeNanos time of rows without one, in nanoseconds since 1970
     * @param memory hears of bytes before they are taken; what it throws passes through, and this must then be dropped
     */
    BatchDecoder(DatabaseSchemas schemas, long receiveTimeNanos, LongConsumer memory) {
        this.schemas = new LearntSchemas(schemas::find);
        this.receiveTimeNanos = receiveTimeNanos;
        this.memory = memory;
        this.joined = new JoinedRows(memory);
    }

    /**
     * Decodes a message. Of a payload with several rows the good ones are kept.
     *
     * @throws RejectedMessage when nothing of it can be stored
     * @throws WeirException {@code overloaded}, or what else the memory listener throws
     */
    Decoded add(InboundMessage message, MessageTarget target) {
        Decoded decoded = switch (target.subscription().format()) {
            case LINE_PROTOCOL -> addLines(message, target);
            case JSON -> addJson(message, target);
            case MESSAGE_PACK -> addPacked(message, target);
        };
        if (decoded.rows() == 0) {
            throw new RejectedMessage(decoded.reason() == null ? "there is no row in it" : decoded.reason());
        }
        return decoded;
    }

    private Decoded addLines(InboundMessage message, MessageTarget target) {
        byte[] body = target.lines().prefix(message.payload());
        if (body == null) {
            throw new RejectedMessage("a string holds a line break, which cannot be combined with tags or a measurement"
                    + " from the topic or the settings");
        }
        LineProtocolDecoder decoder =
                lines.computeIfAbsent(target.subscription().unit(), unit -> new LineProtocolDecoder(options(unit)));
        decoder.feed(body, 0, body.length);
        LinePart part = decoder.endPart();
        return new Decoded(
                part.accepted(),
                part.firstError() == null ? null : part.firstError().message());
    }

    private Decoded addJson(InboundMessage message, MessageTarget target) {
        SubscriptionSettings subscription = target.subscription();
        RowDefaults defaults = new RowDefaults(
                target.measurement(),
                Set.copyOf(subscription.jsonTags()),
                subscription.jsonTime(),
                target.tags().keySet());
        JsonDecoder decoder = new JsonDecoder(options(subscription.unit()).withSchemas(schemasOf(target)), defaults);
        decoder.feed(message.payload(), 0, message.payload().length);
        return join(decoder.finish(), target);
    }

    private Decoded addPacked(InboundMessage message, MessageTarget target) {
        byte[] body = message.payload();
        DecodeOptions options = options(target.subscription().unit()).withSchemas(schemasOf(target));
        MessagePackDecoder decoder = new MessagePackDecoder(options);
        try {
            return joinWhole(decoder.decode(body, 0, body.length), target);
        } catch (WeirException e) {
            if (e.code().kind() == ErrorKind.CLIENT && e.code() != CommonError.BODY_TOO_LARGE) {
                memory.accept(-decoder.chargedBytes());
                throw new RejectedMessage(e.detail());
            }
            throw e;
        }
    }

    /** What is known of the measurement that rows go to, whatever they say themselves. */
    private SchemaLookup schemasOf(MessageTarget target) {
        String measurement = target.measurement();
        return measurement == null ? schemas : named -> schemas.find(measurement);
    }

    /** Takes the rows of one message as far as they fit, and gives their own memory back. */
    private Decoded join(DecodedWrite write, MessageTarget target) {
        String reason = write.errors().isEmpty() ? null : write.errors().get(0).message();
        long rows = 0;
        for (ColumnBatch batch : write.batches()) {
            try {
                ColumnBatch tagged = TaggedBatch.of(batch, target, schemas);
                schemas.requireTypes(tagged);
                join(tagged);
                rows += batch.rows();
            } catch (RejectedMessage e) {
                reason = reason == null ? e.reason() : reason;
            }
            memory.accept(-batch.sizeBytes());
        }
        return new Decoded(rows, reason);
    }

    private void join(ColumnBatch batch) {
        joined.add(batch);
        schemas.learn(batch);
    }

    /** Takes the rows of one message, or none of them when some do not fit. */
    private Decoded joinWhole(DecodedWrite write, MessageTarget target) {
        try {
            List<ColumnBatch> tagged = new ArrayList<>();
            LearntSchemas afterwards = new LearntSchemas(schemas);
            for (ColumnBatch batch : write.batches()) {
                ColumnBatch one = TaggedBatch.of(batch, target, afterwards);
                afterwards.requireTypes(one);
                afterwards.learn(one);
                tagged.add(one);
            }
            tagged.forEach(this::join);
            return new Decoded(write.acceptedRows(), null);
        } finally {
            write.batches().forEach(batch -> memory.accept(-batch.sizeBytes()));
        }
    }

    private DecodeOptions options(Precision unit) {
        return new DecodeOptions(unit, receiveTimeNanos, schemas, DecodeLimits.DEFAULT, memory);
    }

    /** The rows of all messages. */
    List<ColumnBatch> finish() {
        List<ColumnBatch> batches = joined.finish();
        lines.values().forEach(decoder -> batches.addAll(decoder.finish().batches()));
        return batches;
    }
}
