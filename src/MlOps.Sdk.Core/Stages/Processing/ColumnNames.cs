namespace MlOps.Sdk.Processing;

/// <summary>Checks names of columns at the call of a builder.</summary>
internal static class ColumnNames
{
    public static string Name(string column)
    {
        ArgumentException.ThrowIfNullOrEmpty(column);
        return column;
    }

    /// <summary>Some names, at least one.</summary>
    public static string[] Names(IReadOnlyList<string> columns, string parameter)
    {
        ArgumentNullException.ThrowIfNull(columns, parameter);
        return columns.Count == 0 ? throw new ArgumentException("Name at least one.", parameter) : [.. columns.Select(Name)];
    }
}
