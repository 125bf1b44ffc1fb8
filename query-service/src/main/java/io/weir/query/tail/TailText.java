package io.weir.query.tail;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** What is said besides rows, as JSON. */
final class TailText {

    private static final JsonMapper JSON = new JsonMapper();

    private TailText() {}

    /** Takes the lock that the first to write takes, for which no event loop may wait. */
    static void prepare() {
        closed(CloseReason.CLIENT);
    }

    /** {@code {"type":"subscribed","db":…,"measurement":…,"format":…,"where":…}}. */
    static String subscribed(Subscription subscription) {
        Map<String, Object> members = members("subscribed");
        members.put("db", subscription.table().database());
        members.put("measurement", subscription.table().measurement());
        members.put("format", subscription.format() == TailFormat.ARROW ? "arrow" : "json");
        if (!subscription.where().isEmpty()) {
            members.put("where", subscription.where());
        }
        return JSON.writeValueAsString(members);
    }

    /** {@code {"type":"missed","rows":…}}. */
    static String missed(long rows) {
        Map<String, Object> members = members("missed");
        members.put("rows", rows);
        return JSON.writeValueAsString(members);
    }

    /** {@code {"type":"closed","code":…,"reason":…}}. */
    static String closed(CloseReason reason) {
        Map<String, Object> members = members("closed");
        members.put("code", reason.code());
        members.put("reason", reason.words());
        return JSON.writeValueAsString(members);
    }

    private static Map<String, Object> members(String type) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("type", type);
        return members;
    }
}
