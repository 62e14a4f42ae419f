using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.AspNetCore;

/// <summary>Takes the true labels of earlier predictions. Thread-safe.</summary>
internal sealed class LabelRoute(ModelServer server)
{
    private const string Forms = """Send {"labels": {"<id>": "<label>"}}.""";

    public async Task HandleAsync(HttpContext context, RequestTime time)
    {
        if (MediaTypes.Of(context) != MediaTypes.Json) throw Rejection.BadMedia($"Send {MediaTypes.Json}.");
        var slot = server.SlotOf(context);
        using var body = await RequestBody.ReadAsync(context, server, time).ConfigureAwait(false);
        var (labels, names) = Read(body.Memory.Span, slot);
        var receipt = await server.Workspace.Monitor(slot.Name).LabelAsync(labels, time.Token).ConfigureAwait(false);
        await ResponseBody.WriteAsync(
            context, StatusCodes.Status200OK, MediaTypes.Json, (receipt, names), static (to, it) => Write(to, it.receipt, it.names))
            .ConfigureAwait(false);
    }

    // The labels by id, and what the caller calls the ids.
    private (Dictionary<PredictionId, string> Labels, Dictionary<PredictionId, string> Names) Read(ReadOnlySpan<byte> body, ModelSlot slot)
    {
        var mistakes = new Mistakes(server.Options.ListedErrors);
        var (labels, names) = (new Dictionary<PredictionId, string>(), new Dictionary<PredictionId, string>());

        // A label that steps compute stands otherwise in the data than the model knows it.
        var known = slot.Current is { Package: { Graph.ChangesLabel: false } package } ? package.Decision.Labels : null;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = server.Options.JsonDepth });
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject) throw Rejection.BadRequest($"The body is not an object. {Forms}");
            var isRead = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isLabels = JsonText.Is(ref reader, "labels"u8);
                var member = JsonText.Of(ref reader);
                reader.Read();
                if (isLabels && !isRead && reader.TokenType == JsonTokenType.StartObject)
                {
                    isRead = true;
                    ReadLabels(ref reader, labels, names, known, mistakes);
                    continue;
                }
                mistakes.Add(null, member, "The member is unknown, is there twice, or has a wrong type.", Forms);
                reader.Skip();
            }

            reader.Read();
            if (!isRead && mistakes.Count == 0) mistakes.Add(null, "labels", "'labels' is missing.", Forms);
        }
        catch (JsonException e)
        {
            throw Rejection.BadJson(e.LineNumber ?? 0, e.BytePositionInLine ?? 0, server.Options.JsonDepth);
        }
        mistakes.ThrowIfAny();
        return (labels, names);
    }

    private void ReadLabels(
        ref Utf8JsonReader reader,
        Dictionary<PredictionId, string> to,
        Dictionary<PredictionId, string> names,
        LabelEncoding? known,
        Mistakes mistakes)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (to.Count >= server.Options.BatchRows) throw Rejection.TooManyRows(server.Options.BatchRows, "labels");
            var name = JsonText.Of(ref reader);
            reader.Read();
            if (name is null || JsonRows.IdOf(name) is not { } id)
            {
                mistakes.AddOfId(name ?? "", "This is not an id.", "Send the id of a prediction, or the key that it was predicted with.");
                reader.Skip();
                continue;
            }
            var label = LabelOf(ref reader);
            reader.Skip();
            if (string.IsNullOrEmpty(label))
            {
                mistakes.AddOfId(
                    name, "The label is not a text, a number or a boolean.", "Send the label as it is in the training data.");
            }
            else if (label.Length > LabelCheck.Longest && known?.Classes.Contains(label) != true)
            {
                mistakes.AddOfId(
                    name,
                    FormattableString.Invariant($"The label has {label.Length} characters."),
                    FormattableString.Invariant($"Send a class of the model, or {LabelCheck.Longest} characters at most."));
            }
            else if (known is not null && known.Find(label) is null)
            {
                if (mistakes.Note())
                {
                    mistakes.ListOfId(
                        name,
                        $"The label '{PrintableText.Shorten(label)}' is none that the model knows.",
                        known.Task == TaskKind.Regression ? "Send a number." : $"Send one of its classes: {Shown(known.Classes)}.");
                }
            }
            else if (!to.TryAdd(id, label))
            {
                mistakes.AddOfId(name, "The id is there twice.", "Send each id once.");
            }
            else
            {
                names[id] = name;
            }
        }
    }

    private static string? LabelOf(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => JsonText.Of(ref reader),
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => null,
    };

    private static string Shown(IReadOnlyList<string> classes) =>
        string.Join(", ", classes.Take(10).Select(PrintableText.Shorten)) + (classes.Count > 10 ? ", …" : "");

    private static void Write(IBufferWriter<byte> to, FeedbackReceipt receipt, Dictionary<PredictionId, string> names)
    {
        using var json = new Utf8JsonWriter(to);
        json.WriteStartObject();
        json.WriteNumber("added"u8, receipt.Added);
        json.WriteNumber("changed"u8, receipt.Changed);
        json.WriteNumber("unchanged"u8, receipt.Unchanged);
        json.WriteStartArray("unmatched"u8);
        foreach (var id in receipt.Unmatched) json.WriteStringValue(names[id]);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
