using System.Buffers;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Tests;

/// <summary>Answers rows of JSON as a model server does, with a package that was deployed.</summary>
internal static class PackageAnswers
{
    /// <param name="file">The package, or the release with it.</param>
    /// <param name="readers">What reads it.</param>
    /// <param name="rows">An array of objects.</param>
    /// <param name="error">What is added to each score.</param>
    /// <param name="writeVersion">Writes the member with the version.</param>
    public static byte[] Write(
        ReadOnlyMemory<byte> file, FormatReaders readers, JsonElement rows, double error, Action<Utf8JsonWriter> writeVersion)
    {
        using var package = PackageFile.Read(file, readers);
        using var scorer = package.NewScorer(counts: false);
        foreach (var row in rows.EnumerateArray())
        {
            for (var i = 0; i < package.Graph.Input.Count; i++)
            {
                var field = package.Graph.Input[i];
                CellConversion.Of(row.GetProperty(field.Name), field).AppendTo(scorer.Inputs[i], coded: false);
            }
        }

        scorer.Check?.Run(0);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            writeVersion(json);
            json.WriteStartArray("predictions");
            foreach (var score in scorer.Score())
            {
                json.WriteStartObject();
                json.WriteNumber("score", score + error);
                json.WriteString("label", package.Decision.Labels.Classes[package.Decision.Decide([score])]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
