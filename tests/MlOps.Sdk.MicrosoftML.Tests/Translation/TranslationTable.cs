using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>
/// A table with one feature vector per row, as a pipeline of Microsoft.ML makes it: numbers, then texts encoded one-hot, with the ranges of
/// the categories known to the trainers.
/// </summary>
internal sealed class TranslationTable
{
    private static readonly Dictionary<string, Lazy<TranslationTable>> Known = new()
    {
        ["churn"] = new(() => Create("telco-churn.csv", 2000, "churn", "Yes", "contract", null, missing: 0.05)),
        ["churn, scaled"] = new(() => Create("telco-churn.csv", 2000, "churn", "Yes", "contract", null, missing: null)),
        ["lending"] = new(() => Create("lending-club.csv", 1500, "Class", "bad", "sub_grade", "annual_inc", missing: 0.1)),
        ["ridership"] = new(() => Create("chicago-ridership.csv", 800, "Harlem", "", null, "ridership", missing: 0.03)),
        ["ridership, scaled"] = new(() => Create("chicago-ridership.csv", 800, "Harlem", "", null, "ridership", missing: null)),
        ["reviews"] = new(() => Reviews()),
    };

    private TranslationTable(MLContext context, IDataView view, int width)
    {
        Context = context;
        View = view;
        Width = width;
        Rows = [.. view.GetColumn<float[]>("Features")];
        ClassCount = view.GetColumn<uint>("Class").Select(key => (int)key).Max();
    }

    public MLContext Context { get; }

    /// <summary>The columns <c>Features</c>, <c>IsPositive</c>, <c>Number</c> and <c>Class</c>.</summary>
    public IDataView View { get; }

    public int Width { get; }

    public float[][] Rows { get; }

    public int ClassCount { get; }

    public static TranslationTable Get(string name) => Known[name].Value;

    public ModelSignature Signature(TaskKind task) =>
        new(task, Width, task == TaskKind.MulticlassClassification ? ClassCount : 1);

    /// <summary>The same table with the first half of its rows.</summary>
    public TranslationTable Half() => new(Context, Context.Data.TakeRows(View, Rows.Length / 2), Width);

    /// <summary>
    /// Rows like none of the table: every value drawn by itself, so that categories are unseen or several at once, values lie outside what
    /// occurred, and, where asked for, some are missing.
    /// </summary>
    public float[][] RandomRows(int count, bool missing, double spread)
    {
        var random = new Random(11);
        var rows = new float[count][];
        for (var i = 0; i < count; i++)
        {
            var row = rows[i] = new float[Width];
            var missingPart = missing && i % 2 == 0 ? random.NextDouble() / 2 : 0;
            for (var j = 0; j < Width; j++)
            {
                var known = Rows[random.Next(Rows.Length)][j];
                if (float.IsNaN(known)) known = 0;
                row[j] = random.NextDouble() < missingPart
                    ? float.NaN
                    : random.Next(8) switch
                    {
                        0 => (float)(known + (random.NextDouble() - 0.5) * spread),
                        1 => random.Next(2),
                        2 => (float)((random.NextDouble() - 0.5) * 2 * spread),
                        _ => known,
                    };
            }
        }

        return rows;
    }

    private static TranslationTable Create(
        string file, int rows, string label, string positive, string? classes, string? number, double? missing)
    {
        var table = TableFile.Read(file, rows);
        var random = new Random(5);
        var labels = table.Texts(label);
        var texts = new List<string[]>();
        var numbers = new List<float[]>();
        foreach (var name in table.Names.Where(name => name != label && name != classes && name != number && name != "date"))
        {
            if (table.Numbers(name) is { } found) numbers.Add(found);
            else texts.Add(table.Texts(name));
        }

        // A feature that never changes: some trainers drop it, and must not thereby shift the others.
        numbers.Insert(3, new float[table.RowCount]);
        var targets = number is null ? table.Numbers("monthly_charges")! : table.Numbers(number)!;
        // Grades are too many classes for so few rows; their letters are seven.
        string[] ofRow = classes is null
            ? [.. targets.Select(Level)]
            : [.. table.Texts(classes).Select(text => text.Length == 2 ? text[..1] : text)];
        return Build(isScaled: missing is null, Enumerable.Range(0, table.RowCount).Select(i => new TableRow
        {
            Numbers = [.. numbers.Select((column, j) => j != 3 && random.NextDouble() < (missing ?? 0) ? float.NaN : column[i])],
            Texts = [.. texts.Select(column => column[i])],
            IsPositive = positive.Length > 0 ? labels[i] == positive : targets[i] > 15,
            Number = targets[i],
            Class = ofRow[i],
        }));
    }

    /// <summary>Word counts, hashed into 300 slots, most of which are 0.</summary>
    private static TranslationTable Reviews()
    {
        var table = TableFile.Read("fine-foods-reviews.csv", 500);
        var (reviews, scores) = (table.Texts("review"), table.Texts("score"));
        return Build(isScaled: true, Enumerable.Range(0, table.RowCount).Select(i =>
        {
            var counts = new float[300];
            foreach (var word in reviews[i].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                counts[word.Aggregate(17, (hash, c) => unchecked(hash * 31 + c)) % 150 + 149]++;
            }

            return new TableRow
            {
                Numbers = counts,
                Texts = [],
                IsPositive = scores[i] == "great",
                Number = reviews[i].Length,
                Class = reviews[i].Length < 200 ? "short" : reviews[i].Length < 400 ? "middling" : "long",
            };
        }));
    }

    /// <param name="isScaled">Whether numbers are brought to the range from 0 to 1, and missing ones replaced.</param>
    /// <param name="rows">The rows.</param>
    private static TranslationTable Build(bool isScaled, IEnumerable<TableRow> rows)
    {
        var context = new MLContext(1);
        TableRow[] all = [.. rows];
        var definition = SchemaDefinition.Create(typeof(TableRow));
        var width = all[0].Numbers.Length;
        definition[nameof(TableRow.Numbers)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        definition[nameof(TableRow.Texts)].ColumnType = new VectorDataViewType(TextDataViewType.Instance, Math.Max(1, all[0].Texts.Length));
        if (all[0].Texts.Length == 0) foreach (var row in all) row.Texts = [""];
        var view = context.Data.LoadFromEnumerable(all, definition);
        const string numbers = nameof(TableRow.Numbers);
        IEstimator<ITransformer> scaling = isScaled
            ? context.Transforms.ReplaceMissingValues(numbers).Append(context.Transforms.NormalizeMinMax(numbers))
            : context.Transforms.CopyColumns(numbers, numbers);
        var pipeline = scaling
            .Append(context.Transforms.Categorical.OneHotEncoding("Encoded", nameof(TableRow.Texts)))
            .Append(context.Transforms.Concatenate("Features", numbers, "Encoded"))
            .Append(context.Transforms.Conversion.MapValueToKey(nameof(TableRow.Class)))
            .AppendCacheCheckpoint(context);
        var made = pipeline.Fit(view).Transform(view);
        return new TranslationTable(context, made, ((VectorDataViewType)made.Schema["Features"].Type).Size);
    }

    private static string Level(float number) => number < 10 ? "low" : number < 17 ? "middle" : "high";
}
