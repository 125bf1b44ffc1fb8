package io.weir.standalone.server;

import io.weir.common.pressure.MemoryPressure;
import io.weir.common.pressure.ProcessMemory;
import java.util.LinkedHashMap;
import java.util.Map;

/** The memory of the process as health tells it. */
final class MemoryDetail {

    private MemoryDetail() {}

    static Map<String, Object> of(MemoryPressure pressure) {
        ProcessMemory memory = pressure.latest();
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("ok", !pressure.isHigh());
        detail.put("pressure", pressure.isHigh() ? "high" : "normal");
        detail.put("heapUsedBytes", memory.heapUsed());
        detail.put("heapLiveBytes", memory.heapLive());
        detail.put("heapMaxBytes", memory.heapMax());
        detail.put("directBytes", memory.direct());
        detail.put("directMaxBytes", memory.directMax());
        detail.put("residentBytes", memory.resident());
        detail.put("containerBytes", memory.limit());
        return detail;
    }
}
