namespace MlOps.Sdk.Storage;

/// <summary>How a filter compares a field with a value.</summary>
internal enum RunComparisonKind
{
    /// <summary>The field has the value.</summary>
    Equal,

    /// <summary>The field has another value; a run without the field is not found.</summary>
    NotEqual,

    /// <summary>The field is below the value.</summary>
    Below,

    /// <summary>The field is the value or below it.</summary>
    AtMost,

    /// <summary>The field is above the value.</summary>
    Above,

    /// <summary>The field is the value or above it.</summary>
    AtLeast,

    /// <summary>The field has one of the values.</summary>
    In,

    /// <summary>The field is a text like the pattern, in which <c>%</c> is any text.</summary>
    Like,

    /// <summary>The run has the field.</summary>
    Exists,
}
