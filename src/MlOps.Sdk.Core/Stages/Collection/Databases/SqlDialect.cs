namespace MlOps.Sdk.Collection;

/// <summary>Where literals and comments begin and end in a dialect of SQL; dialects are combinations.</summary>
[Flags]
internal enum SqlDialect
{
    /// <summary>The standard: <c>'…'</c> with doubled apostrophes, <c>--</c> and <c>/*…*/</c>.</summary>
    Standard = 0,

    /// <summary>A backslash takes the meaning of the next character in every literal.</summary>
    Backslash = 1,

    /// <summary>A backslash does so in <c>E'…'</c>.</summary>
    EscapeString = 2,

    /// <summary><c>$tag$…$tag$</c> is a literal.</summary>
    Dollar = 4,

    /// <summary>Comments within comments are closed each.</summary>
    NestedComment = 8,

    /// <summary><c>#</c> begins a comment up to the end of the line.</summary>
    HashComment = 16,

    /// <summary><c>--</c> begins a comment only before white space.</summary>
    SpacedComment = 32,

    /// <summary><c>/*!…*/</c> is not a comment.</summary>
    ExecutableComment = 64,

    /// <summary><c>[…]</c> is a name.</summary>
    Bracket = 128,

    /// <summary><c>]]</c> in such a name is a bracket of it.</summary>
    DoubledBracket = 256,

    /// <summary><c>`…`</c> is a name.</summary>
    Backtick = 512,

    /// <summary><c>q'[…]'</c> is a literal, with any character for the brackets.</summary>
    QQuote = 1024,

    /// <summary>Three quotes begin a literal that ends with three.</summary>
    TripleQuote = 2048,

    /// <summary><c>//</c> begins a comment up to the end of the line.</summary>
    SlashComment = 4096,
}
