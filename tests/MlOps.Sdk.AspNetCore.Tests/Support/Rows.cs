using System.Text.Json;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Rows of the trained model.</summary>
internal static class Rows
{
    public const string One = """{"age":41,"spend":55.5,"plan":"monthly","abroad":false}""";

    public static UnlabelledSubscriber[] Draw(int count) => [.. Subscriber.Draw(count, seed: 9).Select(UnlabelledSubscriber.Of)];

    public static string ToJson(object value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
}
