package io.weir.common.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** REQUIREMENTS P1; LESSONS 45, 57: a refused body is neither kept nor taken without end, and the connection outlives it. */
class RestLimitTest {

    private static final int MOST = 1_000;

    private final EmbeddedChannel channel = new EmbeddedChannel(new RestLimit(MOST, Duration.ofSeconds(10)));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void begin() {
        receive(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/write"));
    }

    private void body(int bytes) {
        receive(new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[bytes])));
    }

    private void end() {
        receive(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    private void receive(Object message) {
        channel.writeInbound(message);
        ReferenceCountUtil.release(channel.readInbound());
        channel.runPendingTasks();
    }

    private void answer(HttpResponseStatus status) {
        channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status));
        ReferenceCountUtil.release(channel.readOutbound());
    }

    private void pass(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    @Test
    void aLongRestBehindTheAnswerEndsTheConnection() {
        begin();
        body(MOST * 10); // before the answer it is the reader's to bound
        answer(HttpResponseStatus.SERVICE_UNAVAILABLE);
        body(MOST);
        assertThat(channel.isOpen()).isTrue();
        body(1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aSlowRestBehindTheAnswerEndsTheConnection() {
        begin();
        answer(HttpResponseStatus.SERVICE_UNAVAILABLE);
        for (int second = 0; second < 9; second++) {
            pass(1);
            body(1);
        }
        assertThat(channel.isOpen()).isTrue();
        pass(1);
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aShortRestLeavesTheConnectionToTheNextRequest() {
        for (int i = 0; i < 5; i++) {
            begin();
            answer(HttpResponseStatus.BAD_REQUEST);
            body(MOST);
            end();
            pass(60);
        }
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void aBodyThatIsBeingReadMayTakeItsTimeHoweverLongItIs() {
        begin();
        answer(HttpResponseStatus.CONTINUE); // no answer yet
        for (int i = 0; i < 20; i++) {
            body(MOST);
            pass(60);
        }
        end();
        answer(HttpResponseStatus.NO_CONTENT);
        pass(60);
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void theAnswerToAnEarlierRequestSaysNothingOfABodyThatCameAtOnceBehindIt() {
        begin();
        end();
        begin();
        body(MOST * 5);
        answer(HttpResponseStatus.NO_CONTENT); // to the first
        body(MOST * 5);
        pass(60);
        assertThat(channel.isOpen()).isTrue();
        answer(HttpResponseStatus.BAD_REQUEST);
        body(MOST + 1);
        assertThat(channel.isOpen()).isFalse();
    }
}
