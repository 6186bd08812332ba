using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Xmtp.Gateway.Hosting;

/// <summary>The log as JSON, a line per entry, with the keys and level names of the original gateway.</summary>
/// <remarks>
/// <code>
/// level       DEBUG, INFO, WARN, ERROR, FATAL
/// time        2026-07-14T10:00:00.000Z
/// logger      the category
/// caller      the name of the event; absent without one
/// message     the formatted text
/// event_id    absent when 0
/// trace_id    and span_id, when a trace is being recorded
/// …           the values of the text's placeholders, in snake case: {DurationMs} is duration_ms; a null is left out
/// error       the message of the exception, and stacktrace the whole of it
/// </code>
/// A name that is taken gets a suffix: <c>message_2</c>.
/// </remarks>
internal sealed class JsonLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    /// <summary>The name of the formatter in the console's options.</summary>
    internal const string FormatterName = "xmtp-json";

    private const string OriginalFormat = "{OriginalFormat}";
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            var fields = new Fields(json);
            json.WriteStartObject();
            fields.Write("level", Level(logEntry.LogLevel));
            fields.Write("time", time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            fields.Write("logger", logEntry.Category);
            fields.Write("caller", logEntry.EventId.Name);
            fields.Write("message", message);
            fields.Write("event_id", logEntry.EventId.Id == 0 ? null : logEntry.EventId.Id);
            if (Activity.Current is { Recorded: true } activity)
            {
                fields.Write("trace_id", activity.TraceId.ToHexString());
                fields.Write("span_id", activity.SpanId.ToHexString());
            }

            if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> values)
            {
                foreach (var (name, value) in values)
                {
                    if (name != OriginalFormat) fields.Write(SnakeCase(name), value);
                }
            }

            if (logEntry.Exception is { } exception)
            {
                fields.Write("error", exception.Message);
                fields.Write("stacktrace", exception.ToString());
            }

            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static string Level(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "DEBUG",
        LogLevel.Warning => "WARN",
        LogLevel.Error => "ERROR",
        LogLevel.Critical => "FATAL",
        _ => "INFO",
    };

    private static string SnakeCase(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    // Writes members, each name once.
    private readonly struct Fields(Utf8JsonWriter json)
    {
        private readonly HashSet<string> _names = new(StringComparer.Ordinal);

        internal void Write(string name, object? value)
        {
            if (value is null) return;
            json.WritePropertyName(Free(name));
            switch (value)
            {
                case bool flag:
                    json.WriteBooleanValue(flag);
                    break;
                case int or long or uint or ushort or short or byte:
                    json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                    break;
                case ulong number:
                    json.WriteNumberValue(number);
                    break;
                case double number when double.IsFinite(number):
                    json.WriteNumberValue(number);
                    break;
                default:
                    json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                    break;
            }
        }

        private string Free(string name)
        {
            var free = name;
            for (var number = 2; !_names.Add(free); number++) free = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
            return free;
        }
    }
}
