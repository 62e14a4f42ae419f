namespace MlOps.Sdk.MLNet;

/// <summary>As what a column is read by ML.NET.</summary>
internal enum InputKind
{
    /// <summary>A 32-bit number; NaN where there is no value.</summary>
    Single,

    /// <summary>A 64-bit number; NaN where there is no value.</summary>
    Double,

    /// <summary>A 32-bit integer; there must be a value.</summary>
    Int32,

    /// <summary>A 64-bit integer; there must be a value.</summary>
    Int64,

    /// <summary>True or false; there must be a value.</summary>
    Boolean,

    /// <summary>Text; empty where there is no value.</summary>
    Text,

    /// <summary>A point in time, in UTC; there must be a value.</summary>
    DateTime,

    /// <summary>Numbers of 32 bits; NaN where there is no value.</summary>
    Vector,

    /// <summary>One of some names, by its text; none where there is no value, or another one.</summary>
    Key,

    /// <summary>Whatever the saved model says; it is never read.</summary>
    Unread,
}
