//! Lists, objects, strings, conversions, maps, typed arrays.

macro_rules! table_collections {
    ($next:ident $chain:tt $callback:ident { $($rows:tt)* }) => {
        chain! { $chain $callback { $($rows)*
    family "Lists" {
        MAKE_LIST   = 0x60 MakeList { count: Count } "v1 .. vn -> list" count next "Makes a list of the n topmost values; the first pushed has index 0.";
        LEN         = 0x61 Len {}        "a -> int" free next "Elements of a list, map, array or bytes, fields of an object, characters of a str.";
        INDEX       = 0x62 Index {}      "list i -> v" free next "The element at index i (from 0) of a list, array, bytes, or the character of a str.";
        APPEND      = 0x63 Append {}     "list v -> list" free next "The list with v at its end.";
        SET_INDEX   = 0x64 SetIndex {}   "list i v -> list" free next "The list with v at index i.";
        SLICE       = 0x65 Slice {}      "list start end -> list" result next "The elements from start to end, end excluded; also of bytes and arrays.";
        LIST_CONCAT = 0x66 ListConcat {} "list list -> list" last next "The elements of the first list, then those of the second.";
        REVERSE     = 0x67 Reverse {}    "list -> list" inputs next "The elements in reverse order.";
        SORT        = 0x68 Sort {}       "list -> list" sort next "The elements in the total order, equal ones in their old order.";
        RANGE       = 0x69 Range {}      "from to -> list" result next "The ints from `from` to `to`, `to` excluded.";
        CONTAINS    = 0x6A Contains {}   "list v -> 1/0" inputs next "Whether an element equals v (as EQ says); for a str whether it contains the str v.";
    }
    family "Objects" {
        MAKE_OBJECT  = 0x6B MakeObject {}               "-> obj" free next "Makes an empty object.";
        SET_FIELD    = 0x6C SetField { name: Name }     "obj v -> obj" free next "The object with the field set; a new field comes last.";
        GET_FIELD    = 0x6D GetField { name: Name }     "obj -> v" free next "The field's value; null if there is none.";
        HAS_FIELD    = 0x6E HasField { name: Name }     "obj -> 1/0" free next "Whether the object has the field.";
        DELETE_FIELD = 0x6F DeleteField { name: Name }  "obj -> obj" free next "The object without the field.";
        KEYS         = 0x71 Keys {}                     "obj -> list" result next "The names of the fields, in insertion order.";
    }
    family "Conversions and strings" {
        TYPE_OF  = 0xA0 TypeOf {}  "a -> str" free next "int, float, bool, null, str, bytes, list, object, map, array, function, pid, ref, barrier, resource or exception.";
        TO_STR   = 0xA1 ToStr {}   "a -> str" result next "The value as PRINT writes it.";
        TO_INT   = 0xA2 ToInt {}   "a -> int" inputs next "An int from a number (truncating), bool or str; an error if it is none.";
        TO_FLOAT = 0xA3 ToFloat {} "a -> float" inputs next "A float from a number, bool or str; an error if it is none.";
        STR_LEN  = 0xA4 StrLen {}  "s -> int" free next "The number of characters (Unicode scalar values).";
        SUBSTR   = 0xA5 Substr {}  "s start length -> str" inputs next "Characters from start on; what lies outside the str is left out.";
        SPLIT    = 0xA6 Split {}   "s sep -> list" inputs next "The parts between separators; an empty separator gives the characters.";
        JOIN     = 0xA7 Join {}    "list sep -> str" result next "The elements as TO_STR gives them, with sep between.";
        FIND     = 0xA8 Find {}    "s sub -> int" inputs next "The character index of the first occurrence, or -1.";
        REPLACE  = 0xA9 Replace {} "s from to -> str" inputs next "The str with every `from` replaced; an empty `from` is an error.";
        UPPER    = 0xAA Upper {}   "s -> str" inputs next "The str in upper case (Unicode).";
        LOWER    = 0xAB Lower {}   "s -> str" inputs next "The str in lower case (Unicode).";
        TRIM     = 0xAC Trim {}    "s -> str" inputs next "The str without white space at its ends.";
        CHARS    = 0xAD Chars {}   "s -> list" inputs next "The characters, a str each.";
        BYTES_OF = 0xAE BytesOf {} "a -> bytes" inputs next "The UTF-8 bytes of a str, or the bytes of a list of ints 0..255.";
        FORMAT   = 0xAF Format {}  "s list -> str" result next "The str with each {} replaced by the next element; {{ and }} are braces.";
    }
    family "Maps" {
        MAP_NEW    = 0xB0 MapNew {}    "-> map" free next "Makes an empty map.";
        MAP_PUT    = 0xB1 MapPut {}    "m k v -> map" free next "The map with k set to v.";
        MAP_GET    = 0xB2 MapGet {}    "m k -> v/null" free next "The value of k, or null.";
        MAP_REMOVE = 0xB3 MapRemove {} "m k -> map" free next "The map without k.";
        MAP_HAS    = 0xB4 MapHas {}    "m k -> 1/0" free next "Whether the map has the key.";
        MAP_KEYS   = 0xB5 MapKeys {}   "m -> list" result next "The keys in the total order.";
        MAP_SIZE   = 0xB6 MapSize {}   "m -> int" free next "The number of keys.";
    }
    family "Typed arrays" {
        ARRAY_F64         = 0xB8 ArrayF64 { count: OptionalCount } "[n] -> arr" result next "An array of n zeros (64-bit floats); n in the text or, without it, from the stack.";
        ARRAY_I64         = 0xB9 ArrayI64 { count: OptionalCount } "[n] -> arr" result next "An array of n zeros (64-bit ints).";
        ARRAY_GET         = 0xBA ArrayGet {}        "arr i -> num" free next "The element at index i.";
        ARRAY_SET         = 0xBB ArraySet {}        "arr i v -> arr" free next "The array with v at index i.";
        ARRAY_FILL        = 0xBC ArrayFill {}       "arr v -> arr" inputs next "The array with v everywhere.";
        ARRAY_SUM         = 0xBD ArraySum {}        "arr -> num" inputs next "The sum of the elements, from the first to the last.";
        ARRAY_DOT         = 0xBE ArrayDot {}        "x y -> num" inputs next "The sum of the products of elements of two arrays of one length and type.";
        ARRAY_AXPY        = 0xBF ArrayAxpy {}       "alpha x y -> arr" inputs next "alpha times x plus y, element by element.";
        ARRAY_GATHER      = 0xC0 ArrayGather {}     "arr idx -> arr" inputs next "The elements at the indexes of the i64 array idx.";
        ARRAY_SCATTER_ADD = 0xC1 ArrayScatterAdd {} "arr idx x -> arr" inputs next "The array with each x[k] added at idx[k].";
    } } }
    };
}
