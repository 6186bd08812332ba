using System.Globalization;
using System.Text;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Errors;

/// <summary>
/// The published envelopes of a batch: their number, and their indexes from 0 as ranges, such as <c>0-1,4</c>.
/// </summary>
/// <param name="Count">Their number.</param>
/// <param name="Text">
/// The ranges. A list longer than 2,000 characters ends in <c>,...</c>, because it is sent in a header.
/// </param>
internal readonly record struct PublishedIndexes(int Count, string Text)
{
    private const int MaxLength = 2000;

    /// <summary>Creates them from the outcomes.</summary>
    internal static PublishedIndexes Of(IReadOnlyList<EnvelopeOutcome> envelopes)
    {
        var text = new StringBuilder();
        var count = 0;
        for (var i = 0; i < envelopes.Count; i++)
        {
            if (envelopes[i].Error is not null) continue;
            var first = i;
            while (i + 1 < envelopes.Count && envelopes[i + 1].Error is null) i++;
            count += i - first + 1;
            Append(text, first, i);
        }

        return new PublishedIndexes(count, text.ToString());
    }

    private static void Append(StringBuilder text, int first, int last)
    {
        if (text.Length > MaxLength)
        {
            if (text[^1] != '.') text.Append(",...");
            return;
        }

        if (text.Length > 0) text.Append(',');
        text.Append(CultureInfo.InvariantCulture, $"{first}");
        if (last > first) text.Append(CultureInfo.InvariantCulture, $"-{last}");
    }
}
