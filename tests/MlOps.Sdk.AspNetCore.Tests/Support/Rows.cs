using System.Net.Http.Headers;
using System.Text.Json;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Rows of the trained model.</summary>
internal static class Rows
{
    public const string One = """{"age":41,"spend":55.5,"plan":"monthly","abroad":false}""";

    public static UnlabelledSubscriber[] Draw(int count) => [.. Subscriber.Draw(count, seed: 9).Select(UnlabelledSubscriber.Of)];

    public static string ToJson(object value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);

    /// <summary>Rows as the body of a request.</summary>
    public static async Task<ByteArrayContent> ArrowAsync(RecordBatch batch)
    {
        using var bytes = new MemoryStream();
        var writer = new ArrowWriter(bytes, asStream: true);
        await writer.BeginAsync(batch.Schema);
        await writer.WriteAsync(batch);
        await writer.CompleteAsync();
        var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.apache.arrow.stream");
        return content;
    }
}
