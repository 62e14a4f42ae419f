using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Which objects of a store are read, and how. Not thread-safe.</summary>
/// <remarks>
/// The format is decided by the extension: <c>.csv</c> and <c>.csv.gz</c>, <c>.jsonl</c> and <c>.ndjson</c> (with <c>.gz</c>, too), and
/// <c>.arrow</c> and <c>.feather</c>; <c>.parquet</c> with the package MlOps.Sdk.Parquet and <c>objects.Parquet()</c>. Objects with other
/// extensions are left out, which a note says; so are, without a note, those whose name or folder begins with <c>_</c> or <c>.</c>.
/// </remarks>
public sealed class ObjectSourceOptions
{
    private readonly Dictionary<string, ObjectFormat> _formats = new(StringComparer.OrdinalIgnoreCase);

    internal ObjectSourceOptions()
    {
        Csv();
        JsonLines();
        Add(".arrow", new ArrowObjects());
        Add(".feather", new ArrowObjects());
    }

    /// <summary>
    /// Which objects, by their keys below the prefix: <c>*</c> matches any characters of a name, <c>?</c> one, <c>**</c> any number of
    /// folders. Default: <c>**/*</c>, all.
    /// </summary>
    public string Pattern { get; set; } = "**/*";

    /// <summary>
    /// A name for messages and lineage, by which a later run finds what was read before. Default: that of the store and the prefix.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>Says how CSV is read. Default: as <see cref="DataSources.Csv"/> does.</summary>
    /// <param name="configure">Sets delimiter, encoding, culture, null tokens or the schema.</param>
    /// <returns>The options.</returns>
    /// <exception cref="MlOpsException">An option is not valid.</exception>
    public ObjectSourceOptions Csv(Action<CsvOptions>? configure = null)
    {
        var options = new CsvOptions();
        configure?.Invoke(options);
        options.Validate();
        return AddText(new CsvFormat(options), ".csv");
    }

    /// <summary>Says how JSON Lines are read. Default: as <see cref="DataSources.JsonLines"/> does.</summary>
    /// <param name="configure">Sets encoding and schema.</param>
    /// <returns>The options.</returns>
    /// <exception cref="MlOpsException">An option is not valid.</exception>
    public ObjectSourceOptions JsonLines(Action<JsonLinesOptions>? configure = null)
    {
        var options = new JsonLinesOptions();
        configure?.Invoke(options);
        options.Validate();
        return AddText(new JsonLinesFormat(options), ".jsonl", ".ndjson");
    }

    /// <summary>Says how objects with an extension are read.</summary>
    internal void Add(string extension, ObjectFormat format) => _formats[extension] = format;

    /// <summary>The format of an object, by the longest extension of its key.</summary>
    internal ObjectFormat? FormatOf(string key)
    {
        var name = key[(key.LastIndexOf('/') + 1)..];
        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_formats.TryGetValue(name[dot..], out var format)) return format;
        }

        return null;
    }

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Pattern))
        {
            throw new MlOpsException("ObjectSourceOptions.Pattern is empty.", "Set a pattern such as **/*.csv, or leave it at **/*.");
        }
        if (Name is not null && (string.IsNullOrWhiteSpace(Name) || Name.Any(char.IsControl)))
        {
            throw new MlOpsException(
                $"ObjectSourceOptions.Name, '{PrintableText.Shorten(Name)}', is no name.", "Set a name, or leave it null.");
        }
    }

    private ObjectSourceOptions AddText(IRecordFormat format, params string[] extensions)
    {
        var read = new TextObjects(format);
        foreach (var extension in extensions)
        {
            Add(extension, read);
            Add($"{extension}.gz", read);
        }

        return this;
    }
}
