using System.Runtime.InteropServices;
using System.Text.Json;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Some lines of a stream, predicted together with one version. A line with mistakes keeps no other from its answer. Not thread-safe.
/// </summary>
internal sealed class LineBlock(ModelServer server, ModelSlot slot, string? key) : RequestRows
{
    // Without a key, all lines have one that nobody else has: one arm answers them, together or one by one.
    private readonly string _key = key ?? PredictionId.New().ToString();

    /// <summary>How many lines are predicted together at most.</summary>
    public const int Lines = 256;

    private readonly List<(long Line, byte[] Bytes)> _lines = [];
    private bool _isFailureTold;

    public bool IsFull => _lines.Count >= Lines || Bytes >= server.Options.RequestBytes;

    /// <summary>The bytes of the lines.</summary>
    public long Bytes { get; private set; }

    /// <summary>The number of lines.</summary>
    public int Count => _lines.Count;

    public bool IsEmpty => _lines.Count == 0;

    public void Add(long line, byte[] bytes)
    {
        _lines.Add((line, bytes));
        Bytes += bytes.Length;
    }

    /// <summary>Predicts the lines.</summary>
    /// <returns>An answer for each, in their order.</returns>
    /// <exception cref="Rejection">No version is live.</exception>
    public IReadOnlyList<LineAnswer> Run()
    {
        var (calls, id) = (server.CallsOf(slot), PredictionId.New());
        using var read = new CallRows(this, server.Options.ListedErrors);
        var buffer = read.Of(BufferedModel.Of(calls.Next(id, _key, null).Live));
        var answers = new LineAnswer[_lines.Count];
        var rows = new List<BufferedRow>(_lines.Count);
        for (var i = 0; i < answers.Length; i++)
        {
            if (buffer.Mistakes.TryGetValue(i, out var mistakes)) answers[i] = new LineAnswer(_lines[i].Line, null, mistakes);
            else rows.Add(new BufferedRow(read, i));
        }

        if (rows.Count > 0) Predict(calls, rows, id, answers);
        return answers;
    }

    public override void Read(RowBuffer to, Mistakes mistakes)
    {
        for (var i = 0; i < _lines.Count; i++)
        {
            var ofLine = new Mistakes(server.Options.ListedErrors, hasRows: false);
            Read(_lines[i].Bytes, to, ofLine);
            if (ofLine.Count > 0) to.Mistakes[i] = ofLine;
        }
    }

    private void Predict(ModelCalls<BufferedRow, RowAnswer> calls, List<BufferedRow> rows, PredictionId id, LineAnswer[] answers)
    {
        try
        {
            var all = new Prediction<RowAnswer>[rows.Count];
            calls.PredictAll(CollectionsMarshal.AsSpan(rows), all, id, _key, isTried: true);
            for (var i = 0; i < all.Length; i++) answers[rows[i].Row] = new LineAnswer(_lines[rows[i].Row].Line, all[i], null);
        }
        catch (MlOpsException e) when (server.RejectionOf(e) is not { Errors.Count: 0 })
        {
            // One of them cannot be predicted: the others can.
            foreach (var row in rows) answers[row.Row] = PredictOne(calls, row);
        }
    }

    private LineAnswer PredictOne(ModelCalls<BufferedRow, RowAnswer> calls, BufferedRow row)
    {
        var line = _lines[row.Row].Line;
        try
        {
            return new LineAnswer(line, calls.Predict(row, PredictionId.New(), _key, isRepeated: true), null);
        }
        catch (Exception e) when (server.RejectionOf(e) is not { Errors.Count: 0 })
        {
            var mistakes = new Mistakes(server.Options.ListedErrors);
            if (server.RejectionOf(e) is not { } rejection)
            {
                Tell(e);
                mistakes.Add(null, null, "The row cannot be predicted.", "The log of the server has the cause.");
                return new LineAnswer(line, null, mistakes);
            }
            foreach (var error in rejection.Errors) mistakes.Add(null, error.Column, error.Problem, error.Remedy);
            return new LineAnswer(line, null, mistakes);
        }
    }

    // Lines that fail have one cause most often, and the log must not fill with it.
    private void Tell(Exception failure)
    {
        if (_isFailureTold) return;
        _isFailureTold = true;
        HttpLog.Failed(server.Logger, LineStream.Kind, slot.Name, failure);
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
        catch (Rejection rejection)
        {
            // So many mistakes that reading ends: they are this line's alone, and noted already.
            if (mistakes.Count == 0) mistakes.Add(null, null, rejection.Message, null);
        }

        // What was not read to its end leaves columns of different lengths.
        if (to.Count == before) to.Begin(int.MaxValue);
        foreach (var column in to.Columns)
        {
            while (column.Count < to.Count) column.AppendNull();
        }
    }
}
