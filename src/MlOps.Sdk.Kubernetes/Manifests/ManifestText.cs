using System.Text.Json;
using System.Text.RegularExpressions;
using k8s;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Objects as YAML. Tools read YAML 1.1 or 1.2, and take texts such as <c>0x1F</c>, <c>1_000</c>, <c>.inf</c> and <c>on</c> for numbers
/// and flags: each text that is not plainly one has quotes.
/// </summary>
internal static partial class ManifestText
{
    /// <summary>Writes objects, one document each.</summary>
    public static string Of(IEnumerable<IKubernetesObject> objects)
    {
        var documents = objects.Select(value =>
        {
            using var json = JsonDocument.Parse(KubernetesJson.Serialize(value));
            using var text = new StringWriter { NewLine = "\n" };
            new YamlStream(new YamlDocument(NodeOf(json.RootElement))).Save(text, assignAnchors: false);
            var yaml = text.ToString();

            // The end of a document needs no mark where another one begins.
            return yaml.EndsWith("...\n", StringComparison.Ordinal) ? yaml[..^4] : yaml;
        });
        return string.Join("---\n", documents);
    }

    private static YamlNode NodeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new YamlMappingNode(value.EnumerateObject().Select(
            member => new KeyValuePair<YamlNode, YamlNode>(TextOf(member.Name), NodeOf(member.Value)))),
        JsonValueKind.Array => new YamlSequenceNode(value.EnumerateArray().Select(NodeOf)),
        JsonValueKind.String => TextOf(value.GetString()!),
        _ => new YamlScalarNode(value.GetRawText()) { Style = ScalarStyle.Plain },
    };

    private static YamlScalarNode TextOf(string text) =>
        new(text) { Style = Word().IsMatch(text) && !Taken().IsMatch(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted };

    // Begins with a letter, as no number does; colons only within.
    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*\z")]
    private static partial Regex Word();

    // https://yaml.org/type/bool.html and https://yaml.org/type/null.html
    [GeneratedRegex(@"\A(y|n|yes|no|on|off|true|false|null)\z", RegexOptions.IgnoreCase)]
    private static partial Regex Taken();
}
