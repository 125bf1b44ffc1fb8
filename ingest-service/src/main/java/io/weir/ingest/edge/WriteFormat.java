package io.weir.ingest.edge;

import io.weir.ingest.IngestSettings;
import io.weir.ingest.decode.BodyDecoder;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.MessagePackDecoder;
import io.weir.ingest.decode.Precision;
import io.weir.ingest.decode.arrow.ArrowParameters;
import io.weir.ingest.decode.arrow.ArrowStreamDecoder;
import io.weir.ingest.decode.json.NdjsonDecoder;
import io.weir.ingest.decode.json.RowDefaults;
import org.springframework.web.reactive.function.server.ServerRequest;

/** What a body may hold, and how it is decoded. */
enum WriteFormat {
    /** InfluxDB line protocol; see {@code docs/formats/line-protocol.md}. */
    LINE_PROTOCOL {
        @Override
        long maxBytes(IngestSettings settings) {
            return settings.maxLineProtocol().toBytes();
        }

        @Override
        BodyDecoder decoder(DecodeOptions options, ServerRequest request, IngestSettings settings) {
            return new LineProtocolDecoder(options);
        }
    },

    /** MessagePack; see {@code docs/formats/messagepack.md}. */
    MESSAGE_PACK {
        @Override
        long maxBytes(IngestSettings settings) {
            return settings.maxMessagePack().toBytes();
        }

        @Override
        long leastBytes(long length) {
            return length; // collected before it is read
        }

        @Override
        long expectedBytes(long length) {
            return 2 * length;
        }

        @Override
        BodyDecoder decoder(DecodeOptions options, ServerRequest request, IngestSettings settings) {
            return new MessagePackDecoder(options);
        }
    },

    /** Arrow IPC stream; see {@code docs/formats/arrow.md}. */
    ARROW {
        @Override
        long maxBytes(IngestSettings settings) {
            return settings.maxArrow().toBytes();
        }

        @Override
        long expectedBytes(long length) {
            return length;
        }

        @Override
        BodyDecoder decoder(DecodeOptions options, ServerRequest request, IngestSettings settings) {
            ArrowParameters parameters = ArrowParameters.of(
                    request.queryParam("measurement").orElse(null),
                    request.queryParam("tags").orElse(null),
                    maxBytes(settings));
            return new ArrowStreamDecoder(options, parameters);
        }
    },

    /** One JSON object a line; see {@code docs/formats/ndjson.md}. */
    NDJSON {
        @Override
        long maxBytes(IngestSettings settings) {
            return settings.maxNdjson().toBytes();
        }

        @Override
        BodyDecoder decoder(DecodeOptions options, ServerRequest request, IngestSettings settings) {
            RowDefaults defaults = RowDefaults.ofParameters(
                    request.queryParam("measurement").orElse(null),
                    request.queryParam("tags").orElse(null));
            return new NdjsonDecoder(options, defaults);
        }
    };

    /** Most bytes of such a body after decompression. */
    abstract long maxBytes(IngestSettings settings);

    /** Bytes that a body of {@code length} cannot be decoded without. */
    long leastBytes(long length) {
        return 0;
    }

    /** Bytes that a body of {@code length} probably needs: columns of numbers are half as long as their digits. */
    long expectedBytes(long length) {
        return length / 2;
    }

    /** A decoder for the body of that request. Fails when the request lacks what the format needs beside it. */
    abstract BodyDecoder decoder(DecodeOptions options, ServerRequest request, IngestSettings settings);

    /** The unit of the timestamps, as the request says. */
    Precision precision(Dialect dialect, ServerRequest request) {
        return dialect.precision(request);
    }
}
