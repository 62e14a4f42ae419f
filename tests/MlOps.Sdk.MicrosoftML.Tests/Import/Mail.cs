using System.Globalization;
using System.Text;

namespace MlOps.Sdk.MLNet;

/// <summary>A row as a model file of ML.NET reads it.</summary>
internal sealed class Mail
{
    public string Text { get; set; } = "";

    public float Length { get; set; }

    public bool Label { get; set; }

    /// <summary>Mails whose class follows from a word and, a little, from the length.</summary>
    public static Mail[] Draw(int count, int seed)
    {
        var random = new Random(seed);
        string[] words = ["offer", "meeting", "invoice", "lunch", "winner", "report"];
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var text = string.Join(' ', Enumerable.Range(0, 4).Select(_ => words[random.Next(words.Length)]));
            var length = (float)Math.Round(random.NextDouble() * 100, 2);
            var logit = (text.Contains("winner", StringComparison.Ordinal) ? 2.5 : -1.5) + (length - 50) / 40;
            return new Mail { Text = text, Length = length, Label = random.NextDouble() < 1 / (1 + Math.Exp(-logit)) };
        })];
    }

    /// <summary>Writes mails as a CSV file.</summary>
    public static string Write(string folder, string name, Mail[] mails)
    {
        var csv = new StringBuilder("Text,Length,Label\n");
        foreach (var mail in mails)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{mail.Text},{mail.Length},{(mail.Label ? "true" : "false")}\n");
        }

        var path = Path.Combine(folder, name);
        File.WriteAllText(path, csv.ToString());
        return path;
    }
}
