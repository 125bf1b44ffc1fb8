package io.weir.ingest.decode.robust;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.common.compress.ByteSink;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.MessagePackDecoder;
import io.weir.ingest.decode.json.JsonDecoder;
import io.weir.ingest.decode.json.NdjsonDecoder;
import io.weir.ingest.decode.json.RowDefaults;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Supplier;

/** The formats of bodies: a decoder of each, and sound bodies to begin from. */
enum BodyFormat {
    LINE_PROTOCOL(
            "cpu,host=a,region=eu usage=1.5,count=3i,ok=true,name=\"x y\" 1700000000000000000\n",
            "cpu,host=b usage=0.1234567890123456\r\n# comment\n\nlog text=\"two\nlines\\\"\",level=7i 1\n",
            "m,k=v\\ w,x\\,y=z\\=1 a\\ b=\"q\\\"u\\\\o\" -5\n  mem,host=é used=18446744073709551615u   12   \n") {
        @Override
        Decoding open(DecodeOptions options) {
            LineProtocolDecoder decoder = new LineProtocolDecoder(options);
            return new Decoding(decoder::feed, decoder::finish, decoder::chargedBytes);
        }
    },
    NDJSON(
            "{\"time\":1700000000,\"host\":\"a\",\"usage\":1.5,\"count\":3,\"ok\":true,\"name\":\"x\\ud83d\\ude00\"}\n",
            "{\"m\":\"cpu\",\"t\":\"2024-02-29T23:59:59.5+01:00\",\"tags\":{\"host\":\"b\"},\"fields\":{\"v\":-1e-7}}\r\n\n",
            "{\"f\":{\"v\":18446744073709551615},\"tags\":null,\"m\":\"x\"}\n{\"v\":null,\"w\":0}\n") {
        @Override
        Decoding open(DecodeOptions options) {
            NdjsonDecoder decoder = new NdjsonDecoder(options, new RowDefaults("cpu", Set.of("host")));
            return new Decoding(decoder::feed, decoder::finish, decoder::chargedBytes);
        }
    },
    JSON(
            "{\"time\":1700000000,\"host\":\"a\",\"usage\":1.5}",
            "[{\"m\":\"cpu\",\"tags\":{\"host\":\"b\"},\"fields\":{\"v\":1,\"w\":[]}},\n{\"v\":2}, [[{}]] ]\n") {
        @Override
        Decoding open(DecodeOptions options) {
            JsonDecoder decoder = new JsonDecoder(options, new RowDefaults("cpu", Set.of("host")));
            return new Decoding(decoder::feed, decoder::finish, decoder::chargedBytes);
        }
    },
    MESSAGE_PACK(
            hex(
                    "82a16da3637075a7636f6c756d6e7383a474696d6592ce6553f100ce6553f101a4686f737492a161a162a5757361676592cb3ff8"
                            + "000000000000c0"),
            hex("81a562617463689284a16da3637075a174d6ff6553f100a47461677381a4686f7374a161a66669656c647382a17601a177c383"
                    + "a16da16da174c0a16681a178a26869"),
            hex("dd0000000183a16da3637075a474616773c0a7636f6c756d6e7381a17693cfffffffffffffffff01cc80")) {
        @Override
        Decoding open(DecodeOptions options) {
            MessagePackDecoder decoder = new MessagePackDecoder(options);
            return new Decoding(decoder::feed, decoder::finish, decoder::chargedBytes);
        }
    };

    private final byte[][] samples;

    /** A decoder at work. */
    record Decoding(ByteSink sink, Supplier<DecodedWrite> finish, Supplier<Long> chargedBytes) {}

    BodyFormat(String... samples) {
        this.samples = new byte[samples.length][];
        for (int i = 0; i < samples.length; i++) {
            this.samples[i] = samples[i].getBytes(UTF_8);
        }
    }

    BodyFormat(byte[]... samples) {
        this.samples = samples;
    }

    abstract Decoding open(DecodeOptions options);

    /** Sound bodies. */
    byte[][] samples() {
        return samples;
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
