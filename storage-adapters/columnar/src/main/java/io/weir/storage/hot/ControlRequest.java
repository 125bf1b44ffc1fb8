package io.weir.storage.hot;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotArea;
import io.weir.common.hot.HotControl;
import io.weir.common.model.DatabaseId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A call of {@link HotControl} from one process to another, as JSON: {@code {"act", "organisation", "database", "measurement",
 * "millis"}}, where the measurement is left out for the whole database. The answer is 204.
 *
 * @param act which call
 * @param area of which rows
 * @param time for how long; nothing but for {@link Act#CLOSE}
 */
public record ControlRequest(Act act, HotArea area, Duration time) {

    /** Where the internal port is asked, by POST. */
    public static final String PATH = "/internal/v1/control";

    private static final JsonMapper JSON = new JsonMapper();

    static {
        JSON.readTree("{}"); // the first to read takes a lock, which no event loop may wait for
    }

    /** The calls there are. */
    public enum Act {
        FLUSH,
        CLOSE,
        REOPEN
    }

    /** The request in those bytes. @throws WeirException {@code invalid-request} */
    public static ControlRequest of(byte[] json) {
        try {
            JsonNode root = JSON.readTree(json);
            String measurement = root.has("measurement") ? HotRequest.text(root, "measurement") : null;
            HotArea area = new HotArea(
                    new DatabaseId(HotRequest.text(root, "organisation"), HotRequest.text(root, "database")),
                    measurement);
            return new ControlRequest(
                    act(HotRequest.text(root, "act")),
                    area,
                    Duration.ofMillis(root.path("millis").asLong(0)));
        } catch (JacksonException e) {
            throw new WeirException(CommonError.INVALID_REQUEST, "the body is not JSON");
        }
    }

    private static Act act(String name) {
        for (Act act : Act.values()) {
            if (act.name().toLowerCase(Locale.ROOT).equals(name)) {
                return act;
            }
        }
        throw new WeirException(CommonError.INVALID_REQUEST, "act \"" + name + "\" (expected: flush, close or reopen)");
    }

    /** This request as UTF-8 JSON. */
    public byte[] toJson() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("act", act.name().toLowerCase(Locale.ROOT));
        members.put("organisation", area.database().organisation());
        members.put("database", area.database().database());
        String measurement = area.measurement();
        if (measurement != null) {
            members.put("measurement", measurement);
        }
        members.put("millis", time.toMillis());
        return JSON.writeValueAsBytes(members);
    }

    /** Makes the call. */
    public Mono<Void> call(HotControl control) {
        return switch (act) {
            case FLUSH -> control.flush(area);
            case CLOSE -> control.close(area, time);
            case REOPEN -> control.reopen(area);
        };
    }
}
