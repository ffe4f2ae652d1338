import type { Config } from 'tailwindcss';

/** Names for the variables of components/ui/theme.css; values live there alone, so that light and dark switch in CSS. */
export default {
  content: ['./app/**/*.{ts,tsx}', './components/**/*.{ts,tsx}'],
  theme: {
    extend: {
      colors: {
        canvas: 'var(--canvas)',
        subtle: 'var(--subtle)',
        raised: 'var(--raised)',
        hover: 'var(--hover)',
        edge: { DEFAULT: 'var(--edge)', strong: 'var(--edge-strong)' },
        fg: { DEFAULT: 'var(--fg)', muted: 'var(--fg-muted)', faint: 'var(--fg-faint)', inverse: 'var(--fg-inverse)' },
        accent: { DEFAULT: 'var(--accent)', soft: 'var(--accent-soft)' },
        success: { DEFAULT: 'var(--success)', soft: 'var(--success-soft)' },
        danger: { DEFAULT: 'var(--danger)', soft: 'var(--danger-soft)' },
        warning: { DEFAULT: 'var(--warning)', soft: 'var(--warning-soft)' },
        lost: { DEFAULT: 'var(--lost)', soft: 'var(--lost-soft)' },
      },
      fontFamily: {
        sans: ['var(--font-geist-sans)', 'ui-sans-serif', 'system-ui', 'sans-serif'],
        mono: ['var(--font-geist-mono)', 'ui-monospace', 'SFMono-Regular', 'Menlo', 'monospace'],
      },
      fontSize: {
        '2xs': ['0.6875rem', { lineHeight: '1rem' }],
        '13': ['0.8125rem', { lineHeight: '1.25rem' }],
        log: ['0.78125rem', { lineHeight: '1.25rem' }],
      },
      boxShadow: { pop: 'var(--shadow-pop)' },
    },
  },
} satisfies Config;
