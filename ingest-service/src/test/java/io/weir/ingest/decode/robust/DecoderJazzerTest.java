package io.weir.ingest.decode.robust;

import com.code_intelligence.jazzer.junit.FuzzTest;

/**
 * The same promise as {@link DecoderRobustnessTest}, for Jazzer. In a build each test runs once with each file of its
 * corpus beside it in the resources; CONTRIBUTING.md says how to let Jazzer look for more.
 */
class DecoderJazzerTest {

    @FuzzTest(maxDuration = "5m")
    void lineProtocol(byte[] body) {
        send(BodyFormat.LINE_PROTOCOL, body);
    }

    @FuzzTest(maxDuration = "5m")
    void ndjson(byte[] body) {
        send(BodyFormat.NDJSON, body);
    }

    @FuzzTest(maxDuration = "5m")
    void json(byte[] body) {
        send(BodyFormat.JSON, body);
    }

    @FuzzTest(maxDuration = "5m")
    void messagePack(byte[] body) {
        send(BodyFormat.MESSAGE_PACK, body);
    }

    @FuzzTest(maxDuration = "5m")
    void compressedLineProtocol(byte[] wire) {
        new BodyTrial().send(BodyFormat.LINE_PROTOCOL, "", wire, 1 + wire.length / 2);
    }

    private static void send(BodyFormat format, byte[] body) {
        new BodyTrial().send(format, "identity", body, 1 + body.length % 7);
        new BodyTrial().send(format, "identity", body, body.length + 1);
    }
}
