using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using MimeKit;
using MimeKit.Text;

namespace MlOps.Sdk.Monitoring;

/// <summary>Writes alerts as e-mails: plain text, and the same as HTML.</summary>
internal static class EmailMessage
{
    private const int LongestSubject = 200;
    private const int LongestText = 20_000;

    public static MimeMessage Write(Alert alert, EmailOptions options)
    {
        var from = EmailOptions.Address(options.From, nameof(EmailOptions.From));
        var title = AlertText.Plain(AlertText.Title(alert), LongestSubject);
        var message = AlertText.Plain(alert.Message, LongestText);
        var details = AlertText.Plain(AlertText.Details(alert), LongestText);
        var mail = new MimeMessage
        {
            Subject = title,
            Date = alert.At,
            MessageId = IdOf(alert, alert.Kind, from),
            Body = new MultipartAlternative
            {
                new TextPart(TextFormat.Plain) { Text = $"{message}\r\n\r\n{details}\r\n" },
                new TextPart(TextFormat.Html)
                {
                    Text = $"<!DOCTYPE html><html><body><p><strong>{Html(title)}</strong></p><p>{Html(message)}</p>" +
                        $"<p style=\"color:#666\">{Html(details)}</p></body></html>\r\n",
                },
            },
        };
        mail.From.Add(from);
        foreach (var to in options.To) mail.To.Add(EmailOptions.Address(to, nameof(EmailOptions.To)));
        if (alert.Kind == AlertKind.Resolved)
        {
            mail.InReplyTo = IdOf(alert, AlertKind.Raised, from);
            mail.References.Add(mail.InReplyTo);
        }

        // Nobody's holiday note answers it.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        return mail;
    }

    // The same for an alert that is sent again; an id may hold anything.
    private static string IdOf(Alert alert, AlertKind kind, MailboxAddress from)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(alert.Id)))[..32];
        return $"{hash}.{kind}@{from.Domain}";
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
