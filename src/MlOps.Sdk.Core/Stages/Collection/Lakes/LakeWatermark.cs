using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Which objects have been read, with the content of each, and what columns they had together.</summary>
internal sealed class LakeWatermark
{
    private const string Kind = "objects";
    private const string Present = "read";
    private const string Deleted = "gone";
    private readonly SortedDictionary<string, (string Version, bool IsGone)> _objects = new(StringComparer.Ordinal);

    private LakeWatermark(Schema files, Schema partition) => (Files, Partition) = (files, partition);

    /// <summary>The columns of the objects themselves.</summary>
    public Schema Files { get; }

    /// <summary>The columns of their keys.</summary>
    public Schema Partition { get; }

    /// <summary>The keys of all objects that were read, with whether they were gone by the last time.</summary>
    public IEnumerable<(string Key, bool IsGone)> Keys => _objects.Select(known => (known.Key, known.Value.IsGone));

    public static LakeWatermark Parse(Watermark watermark, string name)
    {
        var lines = watermark.Value.Split('\n');
        if (lines is [Kind, var files, var partition, .. var objects] && SchemaOf(files) is { } first && SchemaOf(partition) is { } second)
        {
            var read = new LakeWatermark(first, second);
            foreach (var line in objects)
            {
                if (line.Split(' ') is not [Present or Deleted, var key, var version]) break;
                read._objects[Uri.UnescapeDataString(key)] = (version, line.StartsWith(Deleted, StringComparison.Ordinal));
            }

            if (read._objects.Count == objects.Length) return read;
        }

        throw new MlOpsException(
            "The watermark of the last run cannot be used for objects of a store.",
            "Run once without OnlyNew, and then with it again.") { DataSource = name };
    }

    /// <summary>
    /// What was read now, and before. Objects that are gone are remembered, so that they are not read again when they come back; those that
    /// have no rows yet are not.
    /// </summary>
    public static Watermark Of(
        Schema files, Schema partition, IEnumerable<(string Key, string Version)> read, IReadOnlySet<string> empty, LakeWatermark? earlier)
    {
        var all = new LakeWatermark(files, partition);
        foreach (var (key, (version, _)) in earlier?._objects ?? []) all._objects[key] = (version, true);
        foreach (var (key, version) in read)
        {
            if (empty.Contains(key)) all._objects.Remove(key);
            else all._objects[key] = (version, false);
        }

        var lines = all._objects.Select(
            known => $"{(known.Value.IsGone ? Deleted : Present)} {Uri.EscapeDataString(known.Key)} {known.Value.Version}");
        return new Watermark(string.Join('\n', [Kind, TextOf(files), TextOf(partition), .. lines]));
    }

    /// <summary>The version of an object when it was read; <see langword="null"/> where it was not.</summary>
    public string? VersionOf(string key) => _objects.TryGetValue(key, out var known) ? known.Version : null;

    private static string TextOf(Schema schema) => string.Join(' ', schema.Select(field =>
        string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(field.Name)}:{field.Type}:{field.Length}")));

    private static Schema? SchemaOf(string text)
    {
        var fields = new List<Field>();
        foreach (var field in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (field.Split(':') is not [var name, var type, var length]
                || !Enum.TryParse<ColumnType>(type, out var parsed)
                || !Enum.IsDefined(parsed)
                || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return null;
            }
            fields.Add(new Field(Uri.UnescapeDataString(name), parsed, count));
        }

        return new Schema(fields);
    }
}
