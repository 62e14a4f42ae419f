using System.Runtime.InteropServices;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Some lines of a stream, predicted together with one version. A line with mistakes keeps no other from its answer. Not thread-safe.
/// </summary>
internal sealed class LineBlock(ModelServer server, ModelSlot slot, string? key)
{
    /// <summary>How many lines are predicted together at most.</summary>
    public const int Lines = 256;

    private readonly List<(long Line, byte[] Bytes)> _lines = [];

    public bool IsFull => _lines.Count >= Lines;

    public bool IsEmpty => _lines.Count == 0;

    public void Add(long line, byte[] bytes) => _lines.Add((line, bytes));

    /// <summary>Predicts the lines.</summary>
    /// <returns>An answer for each, in their order.</returns>
    /// <exception cref="Rejection">No version is live.</exception>
    public IReadOnlyList<LineAnswer> Run()
    {
        while (true)
        {
            var route = server.RequireRoute(slot);
            var arm = key is null ? route.Choose(PredictionId.New()) : route.Choose(key);
            var model = BufferedModel.Of(arm.Live);
            if (arm.Live.Enter() is not { } scorer) continue;
            var buffer = model.Rent();
            try
            {
                return Run(model, scorer, buffer, arm.Name);
            }
            finally
            {
                arm.Live.Exit(scorer);
                model.Return(buffer);
            }
        }
    }

    private LineAnswer[] Run(BufferedModel model, ModelScorer scorer, RowBuffer buffer, string arm)
    {
        var answers = new LineAnswer[_lines.Count];
        var rows = new List<BufferedRow>(_lines.Count);
        for (var i = 0; i < answers.Length; i++)
        {
            var mistakes = new Mistakes(server.Options.ListedErrors);
            Read(_lines[i].Bytes, buffer, mistakes);
            if (mistakes.Count > 0) answers[i] = new LineAnswer(_lines[i].Line, null, mistakes);
            else rows.Add(new BufferedRow(buffer, i));
        }

        foreach (var (row, answer, mistakes) in Predict(model, scorer, rows, arm))
        {
            answers[row.Row] = new LineAnswer(_lines[row.Row].Line, answer, mistakes);
        }

        return answers;
    }

    private void Read(byte[] line, RowBuffer to, Mistakes mistakes)
    {
        var before = to.Count;
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = server.Options.JsonDepth });
        try
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                JsonRow.Read(ref reader, to, mistakes, int.MaxValue);
                reader.Read();
            }
            else
            {
                mistakes.Add(null, null, "The line is not an object.", "Send an object with a member for each column.");
            }
        }
        catch (JsonException)
        {
            mistakes.Add(
                null,
                null,
                $"The line is not valid JSON, or is nested deeper than {server.Options.JsonDepth} levels.",
                "Send one object a line.");
        }

        // What was not read to its end leaves columns of different lengths.
        if (to.Count == before) to.Begin(int.MaxValue);
        foreach (var column in to.Columns)
        {
            while (column.Count < to.Count) column.AppendNull();
        }
    }

    private IEnumerable<(BufferedRow Row, Prediction<ModelAnswer>? Answer, Mistakes? Mistakes)> Predict(
        BufferedModel model, ModelScorer scorer, List<BufferedRow> rows, string arm)
    {
        if (rows.Count == 0) return [];
        try
        {
            var answers = new Prediction<ModelAnswer>[rows.Count];
            model.TryPredictAll(scorer, CollectionsMarshal.AsSpan(rows), answers, null, new LiveArm(arm, model.Live, 1), null, null, out _);
            return rows.Zip(answers, (row, answer) => (row, (Prediction<ModelAnswer>?)answer, (Mistakes?)null));
        }
        catch (MlOpsException)
        {
            // One of them cannot be predicted: the others can.
            return [.. rows.Select(row => PredictOne(model, scorer, row, arm))];
        }
    }

    private (BufferedRow Row, Prediction<ModelAnswer>? Answer, Mistakes? Mistakes) PredictOne(
        BufferedModel model, ModelScorer scorer, BufferedRow row, string arm)
    {
        try
        {
            scorer.Clear();
            return (row, model.Predict(scorer, row, PredictionId.New(), arm), null);
        }
        catch (MlOpsException e) when (server.RejectionOf(e) is { } rejection)
        {
            var mistakes = new Mistakes(server.Options.ListedErrors);
            foreach (var error in rejection.Errors) mistakes.Add(null, error.Column, error.Problem, error.Remedy);
            return (row, null, mistakes);
        }
    }
}
