package io.weir.query.engine;

import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Names as a JSON array, which is how a list is handed to a statement as one parameter. */
final class JsonNames {

    private static final JsonMapper JSON = new JsonMapper();

    private JsonNames() {}

    static String of(List<String> names) {
        return JSON.writeValueAsString(names);
    }
}
