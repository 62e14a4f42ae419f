using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Deployment;

/// <summary>The columns that are read of a source that is scored, and those that are written. Immutable.</summary>
internal sealed class ScoredColumns
{
    private ScoredColumns(int[] inputs, int[] kept, int key, string keyPrefix, IReadOnlyList<string> needed, Schema added, Schema output)
    {
        Inputs = inputs;
        Kept = kept;
        Key = key;
        KeyPrefix = keyPrefix;
        Needed = needed;
        Added = added;
        Output = output;
    }

    /// <summary>Where the source has the columns that the model reads.</summary>
    public int[] Inputs { get; }

    /// <summary>Where the source has the columns that are written as they are.</summary>
    public int[] Kept { get; }

    /// <summary>Where the source has the key; −1 without one.</summary>
    public int Key { get; }

    /// <summary>What stands before the key.</summary>
    public string KeyPrefix { get; }

    /// <summary>The columns of the source that are read, in its order.</summary>
    public IReadOnlyList<string> Needed { get; }

    /// <summary>The columns that the scoring makes: id, version, scores, and the decision where there is one.</summary>
    public Schema Added { get; }

    /// <summary>The columns that are written.</summary>
    public Schema Output { get; }

    /// <summary>Compares what a source has with what a model reads and what is to be written.</summary>
    /// <exception cref="MlOpsException">They do not fit: all that is wrong.</exception>
    public static ScoredColumns Of(Schema source, string name, ModelPackage package, ScoringOptions options)
    {
        var mistakes = new List<string>();
        var inputs = package.Graph.Input.Select(field => Find(source, field, mistakes)).ToArray();
        var kept = options.Keep is null
            ? [.. Enumerable.Range(0, source.Count)]
            : options.Keep.Select(column => Find(source, column, "is to be kept", mistakes)).ToArray();
        var key = options.KeyColumn is { } column ? Find(source, column, "is the key", mistakes) : -1;
        if (key >= 0 && source[key].Type == ColumnType.Vector) mistakes.Add($"'{source[key].Name}' is the key and a vector");
        var added = Add(package.Decision.Labels, options.Prefix);
        var names = kept.Where(i => i >= 0).Select(i => source[i].Name).ToHashSet(StringComparer.Ordinal);
        string[] clashes = [.. added.Select(field => field.Name).Where(names.Contains)];
        if (clashes.Length > 0) mistakes.Add($"it already has columns with the added names: {Quote(clashes)}");
        if (mistakes.Count > 0)
        {
            throw new MlOpsException(
                $"The source cannot be scored with '{package.Name}': {string.Join("; ", mistakes)}.",
                clashes.Length == 0
                    ? "Add the columns that the model reads to the source; to change the type of a column, use a schema of the source " +
                        "or a cast."
                    : "Set ScoringOptions.Prefix, or remove the columns from ScoringOptions.Keep; fix the other problems in the source.")
            {
                DataSource = name
            };
        }
        var needed = inputs.Concat(kept).Append(key).Where(i => i >= 0).Distinct().Order().Select(i => source[i].Name).ToArray();
        var output = new Schema([.. kept.Select(i => source[i]), .. added]);
        return new ScoredColumns(inputs, kept, key, options.KeyPrefix, needed, added, output);
    }

    private static Schema Add(LabelEncoding labels, string prefix)
    {
        var added = new List<Field>
        {
            new($"{prefix}prediction_id", ColumnType.Text), new($"{prefix}model_version", ColumnType.Integer)
        };
        if (labels.Task == TaskKind.MulticlassClassification)
        {
            added.AddRange(labels.Classes.Select(label => new Field($"{prefix}score_{label}", ColumnType.Number)));
        }
        else
        {
            added.Add(new Field($"{prefix}score", ColumnType.Number));
        }
        if (labels.Task != TaskKind.Regression) added.Add(new Field($"{prefix}decision", ColumnType.Text));
        return new Schema(added);
    }

    private static int Find(Schema source, Field wanted, List<string> mistakes)
    {
        if (!source.TryGetIndex(wanted.Name, out var at)) mistakes.Add($"'{wanted.Name}' ({wanted.Type}) is missing");
        else if (wanted.Takes(source[at])) return at;
        else if (wanted.Type == source[at].Type)
        {
            mistakes.Add(FormattableString.Invariant(
                $"'{wanted.Name}' has vectors of {source[at].Length} elements where the model reads {wanted.Length}"));
        }
        else mistakes.Add($"'{wanted.Name}' is {source[at].Type} and the model reads {wanted.Type}");
        return -1;
    }

    private static int Find(Schema source, string wanted, string purpose, List<string> mistakes)
    {
        if (source.TryGetIndex(wanted, out var at)) return at;
        var near = NearestName.Find(wanted, source.Select(field => field.Name));
        mistakes.Add($"'{wanted}', which {purpose}, is missing{(near is null ? "" : $" (is it '{near}'?)")}");
        return -1;
    }

    private static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));
}
