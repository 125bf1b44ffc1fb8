package io.weir.testing;

import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class that leaked a Netty buffer. Registered for every test through the service file beside it. A leak
 * shows only when the collector finds the buffer, so the check collects first and then allocates once, which is when
 * Netty looks at what was collected.
 */
public final class LeakExtension implements AfterAllCallback {

    @Override
    public void afterAll(ExtensionContext context) {
        System.gc();
        PooledByteBufAllocator.DEFAULT.buffer(16).release();
        List<String> leaks = RecordingLeakDetector.drain();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " buffers leaked in or before " + context.getDisplayName() + ":\n"
                    + String.join("\n", leaks));
        }
    }
}
